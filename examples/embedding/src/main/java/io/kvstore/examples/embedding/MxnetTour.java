package io.kvstore.examples.embedding;

import io.kvstore.KVStore;
import io.kvstore.KVStoreException;
import io.kvstore.optimizer.Optimizer;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The worked examples of MXNet's documentation of its KVStore, one after the other, with the values that it prints.
 *
 * <p>Shape (2, 3) and keys 3, 5, 7, 9 as there. A list of four arrays stands for the gradients of four devices.
 */
public final class MxnetTour {
    private static final List<Integer> KEYS = List.of(5, 7, 9);

    private final PrintStream out;

    MxnetTour(PrintStream out) {
        this.out = out;
    }

    public static void main(String[] arguments) {
        new MxnetTour(System.out).run();
    }

    void run() {
        try (KVStore kv = KVStore.create("local")) {
            initAndPull(kv);
            pushReplaces(kv);
            pushSumsOverDevices(kv);
            updaterDecides(kv);
            listsOfKeys(kv);
            mistakes(kv);
        }
        try (KVStore kv = KVStore.create("local")) {
            optimizerInTheStore(kv);
        }
    }

    private void initAndPull(KVStore kv) {
        title("A key begins with the value it is given");
        kv.init(3, twos());
        show("init(3, twos)", kv.pull(3));
    }

    private void pushReplaces(KVStore kv) {
        title("Without updater or optimizer, what is pushed becomes the value");
        kv.push(3, ones().mul(8));
        show("push(3, eights)", kv.pull(3));
    }

    private void pushSumsOverDevices(KVStore kv) {
        title("Values of several devices are summed first");
        kv.push(3, onFourDevices());
        show("push(3, [ones x 4])", kv.pull(3));
    }

    private void updaterDecides(KVStore kv) {
        title("An updater says how a push changes the value: stored += 2 * received");
        kv.setUpdater((key, received, stored) -> {
            out.println("  (the updater runs for key " + key + ")");
            stored.addi(received.mul(2));
        });
        show("setUpdater(..)", kv.pull(3));
        kv.push(3, ones());
        show("push(3, ones)", kv.pull(3));

        List<INDArray> outs = List.of(Nd4j.zeros(2, 3), Nd4j.zeros(2, 3), Nd4j.zeros(2, 3), Nd4j.zeros(2, 3));
        kv.pull(3, outs);
        show("pull(3, four outs), the last", outs.get(3));
    }

    private void listsOfKeys(KVStore kv) {
        title("Every operation takes a list of keys");
        kv.init(KEYS, Collections.nCopies(3, ones()));
        kv.setUpdater((key, received, stored) -> stored.addi(received.mul(2)));
        kv.push(KEYS, Collections.nCopies(3, ones()));
        show("push([5, 7, 9], ones each), key 9", kv.pull(KEYS).get(2));

        kv.setUpdater(null);
        kv.push(KEYS, Collections.nCopies(3, onFourDevices()));
        show(
                "no updater, push([5, 7, 9], [ones x 4] each), key 9",
                kv.pull(KEYS).get(2));
    }

    private void mistakes(KVStore kv) {
        title("A mistake is refused, and changes nothing");
        refused("init(3, ones)", () -> kv.init(3, ones()));
        refused("push(4, ones)", () -> kv.push(4, ones()));
        refused("push(3, ones of shape (3, 2))", () -> kv.push(3, Nd4j.ones(3, 2)));
        refused("pull(\"three\")", () -> kv.pull("three"));
        show("pull(3)", kv.pull(3));
    }

    private void optimizerInTheStore(KVStore kv) {
        title("An optimizer in the store: SGD at its default rate 0.01");
        kv.init("weight", Nd4j.zeros(2, 3));
        kv.setOptimizer(Optimizer.sgd().build());
        kv.push("weight", ones());
        show("push(\"weight\", ones)", kv.pull("weight"));
    }

    private void title(String text) {
        out.println();
        out.println(text);
    }

    private void show(String call, INDArray value) {
        out.println("  " + call + " -> " + Arrays.deepToString(value.toFloatMatrix()));
    }

    private void refused(String call, Runnable mistake) {
        try {
            mistake.run();
            throw new IllegalStateException(call + " was not refused");
        } catch (KVStoreException e) {
            out.println("  " + call + " -> " + e.reason() + ", " + e.getMessage());
        }
    }

    private static INDArray ones() {
        return Nd4j.ones(2, 3);
    }

    private static INDArray twos() {
        return ones().mul(2);
    }

    private static List<INDArray> onFourDevices() {
        return Collections.nCopies(4, ones());
    }
}
