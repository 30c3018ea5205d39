package io.kvstore.examples.benchmarks.mxnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvstore.KVStore;
import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Where this project's store does not do what MXNet's does, and why: each test shows both. */
@Tag("thorough")
class DeliberateDifferencesTest {
    @RegisterExtension
    static final Differential BOTH = new Differential();

    private KVStore ours;
    private MxKVStore theirs;

    @BeforeEach
    void open() {
        ours = BOTH.store("local");
        theirs = MxKVStore.create("local");
    }

    @AfterEach
    void close() {
        theirs.close();
        ours.close();
    }

    private void init(Object key, float... values) {
        ours.init(List.of(key), List.of(Nd4j.createFromArray(values)));
        try (MxArray copy = MxArray.of(values)) {
            theirs.init(key, copy);
        }
    }

    private void push(Object key, float... ofEachDevice) {
        INDArray[] mine = new INDArray[ofEachDevice.length];
        MxArray[] copies = new MxArray[ofEachDevice.length];
        for (int i = 0; i < mine.length; i++) {
            mine[i] = Nd4j.createFromArray(ofEachDevice[i]);
            copies[i] = MxArray.of(i, new float[] {ofEachDevice[i]});
        }
        ours.push(List.of(key), List.of(List.of(mine)));
        theirs.push(key, List.of(copies));
        List.of(copies).forEach(MxArray::close);
    }

    private float mxnets(Object key) {
        try (MxArray out = MxArray.of(new float[] {-99})) {
            theirs.pull(key, List.of(out));
            return out.toFloats()[0];
        }
    }

    /** MXNet keeps the only array of a push instead of a copy: whoever reuses his gradient array changes the weight. */
    @Test
    void keepsNoArrayOfTheCallers() {
        init("weight", 0);
        INDArray mine = Nd4j.createFromArray(1f);
        try (MxArray shared = MxArray.of(new float[] {1})) {
            ours.push("weight", mine);
            theirs.push("weight", List.of(shared));
            mine.assign(7);
            shared.set(new float[] {7});
            assertThat(mxnets("weight")).isEqualTo(7);
        }
        assertThat(ours.pull("weight").getFloat(0)).isEqualTo(1);
    }

    /**
     * After a push of several arrays without updater MXNet's value is the buffer of its sums, and the next sum overwrites
     * it before an updater that was set in between has seen it. Here a value is only ever replaced as a whole.
     */
    @Test
    void givesAnUpdaterThatWasSetLaterTheValueAsItWas() {
        init("weight", 0);
        push("weight", 1, 1);
        ours.setUpdater((key, received, stored) -> stored.addi(received));
        theirs.setUpdater(
                (key, received, stored) -> stored.set(new float[] {stored.toFloats()[0] + received.toFloats()[0]}));
        push("weight", 3, 3);
        assertThat(mxnets("weight")).isEqualTo(6 + 6);
        assertThat(ours.pull("weight").getFloat(0)).isEqualTo(2 + 6);
    }

    /** In MXNet the only array of a push may have any shape, which becomes the key's. It is nearly always a mistake. */
    @Test
    void refusesAnArrayOfAnotherShape() {
        init("weight", 1, 2, 3);
        try (MxArray two = MxArray.of(new float[] {8, 9});
                MxArray out = MxArray.of(new float[2])) {
            theirs.push("weight", List.of(two));
            theirs.pull("weight", List.of(out));
            assertThat(out.toFloats()).containsExactly(8, 9);
        }
        assertThatThrownBy(() -> ours.push("weight", Nd4j.createFromArray(8f, 9f)))
                .isInstanceOfSatisfying(
                        KVStoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.SHAPE_MISMATCH));
        assertThat(ours.pull("weight").toFloatVector()).containsExactly(1, 2, 3);
    }

    /** MXNet casts a device's array to the key's type without a word, and so rounds gradients. */
    @Test
    void refusesAnArrayOfAnotherType() {
        init("weight", 0);
        try (MxArray narrow = MxArray.of(0, new float[] {1});
                MxArray wide = MxArray.of(1, new double[] {1.00000001})) {
            theirs.push("weight", List.of(narrow, wide));
            assertThat(mxnets("weight")).isEqualTo(2);
        }
        assertThatThrownBy(
                        () -> ours.push("weight", List.of(Nd4j.createFromArray(1f), Nd4j.createFromArray(1.00000001))))
                .isInstanceOfSatisfying(
                        KVStoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.DTYPE_MISMATCH));
    }

    /** MXNet makes a local store of any name that it does not know, so that a typing error shows in the results only. */
    @Test
    void refusesATypeItDoesNotKnow() {
        try (MxKVStore any = MxKVStore.create("locl")) {
            assertThat(any.type()).isEqualTo("locl");
        }
        assertThatThrownBy(() -> BOTH.store("locl"))
                .isInstanceOfSatisfying(
                        KVStoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNKNOWN_TYPE));
    }

    /** A pull of an integer key that does not exist leaves an empty entry in MXNet's store: the key is lost for good. */
    @Test
    void canInitialiseAKeyThatWasAskedForTooEarly() {
        try (MxArray value = MxArray.of(new float[] {5})) {
            assertThatThrownBy(() -> mxnets(3)).hasMessageContaining("has not been inited");
            assertThatThrownBy(() -> theirs.init(3, value)).hasMessageContaining("duplicate init of key 3");
        }
        assertThatThrownBy(() -> ours.pull(3))
                .isInstanceOfSatisfying(
                        KVStoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NOT_INITIALIZED));
        ours.init(3, Nd4j.createFromArray(5f));
        assertThat(ours.pull(3).getFloat(0)).isEqualTo(5);
    }
}
