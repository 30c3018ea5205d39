package io.kvstore.examples.gpu;

import io.kvstore.Key;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.OptimizerState;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Shape;
import io.kvstore.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.stream.LongStream;

/**
 * One key's life under random commands, several of which are under way at a time, in two stores: the second must give every
 * answer of the first, bit by bit. Gradients are small integers, so that no sum rounds.
 */
final class History {
    private static final int MOST_OPEN = 6;

    private record Open(KeyCommand command, CompletionStage<KeyReply> answer, CompletionStage<KeyReply> expected) {}

    private final Store store;
    private final Store host;
    private final Random random;
    private final Key key;
    private final Shape shape;
    private final DType dtype;
    private final boolean rowSparse;
    private final Queue<Open> open = new ArrayDeque<>();
    private OptimizerState saved;

    /**
     * @param host gives the answers that are expected
     * @param dtype with an optimizer in force one of real numbers
     */
    History(Store store, Store host, Key key, DType dtype, Random random) {
        this.store = store;
        this.host = host;
        this.random = random;
        this.key = key;
        this.dtype = dtype;
        shape = Shape.of(LongStream.generate(() -> 1 + random.nextInt(5))
                .limit(1 + random.nextInt(3))
                .toArray());
        rowSparse = random.nextInt(4) > 0;
        init();
    }

    private void init() {
        RowSparseTensor rows = rows();
        send(new KeyCommand.Init(rowSparse ? rows : rows.toDense(), null));
    }

    /** Sends one random command, which may be one to be refused; answers that are due by now are compared. */
    void step() {
        switch (random.nextInt(14)) {
            case 0, 1 -> send(new KeyCommand.Pull(null));
            case 2, 3 -> send(new KeyCommand.PullRows(ids(), null));
            case 4 -> send(new KeyCommand.Snapshot(0, null));
            case 5 -> restore();
            case 6 -> {
                if (random.nextInt(4) == 0) {
                    send(new KeyCommand.Delete(0, null));
                }
                init();
            }
            default -> push();
        }
        while (open.size() > random.nextInt(MOST_OPEN)) {
            compareOldest();
        }
    }

    /** Compares what is still open, and deletes the key. */
    void finish() {
        send(new KeyCommand.Pull(null));
        send(new KeyCommand.Delete(0, null));
        while (!open.isEmpty()) {
            compareOldest();
        }
    }

    private void send(KeyCommand command) {
        open.add(new Open(command, store.send(key, command), host.send(key, command)));
    }

    private void compareOldest() {
        Open oldest = open.remove();
        KeyReply answer = Store.await(oldest.answer);
        KeyReply expected = Store.await(oldest.expected);
        String what = "answer to " + oldest.command;
        if (expected instanceof KeyReply.Refused refusal && answer instanceof KeyReply.Refused refused) {
            Expect.equal(refusal.reason(), refused.reason(), what);
        } else {
            Expect.equal(expected, answer, what);
        }
        if (answer instanceof KeyReply.States states) {
            saved = Samples.copy(states.state());
        }
        answer.release();
        expected.release();
    }

    private void restore() {
        if (saved != null) {
            send(new KeyCommand.Restore(saved, 0, null));
        }
    }

    /** Ids in any order, with repeats, now and then out of range. */
    private long[] ids() {
        long beyond = random.nextInt(8) == 0 ? 1 : 0;
        return random.longs(random.nextInt(8), 0, shape.extent(0) + beyond).toArray();
    }

    private void push() {
        List<Tensor> gradients = new ArrayList<>();
        int form = random.nextInt(3); // rows, dense, mixed
        for (int device = random.nextInt(5); device >= 0; device--) {
            boolean dense = form == 1 || form == 2 && random.nextBoolean();
            RowSparseTensor rows = rows();
            gradients.add(dense ? rows.toDense() : rows);
        }
        if (random.nextInt(10) == 0) {
            gradients.set(0, DenseTensor.zeros(dtype, Shape.of(shape.length() + 1)));
        }
        send(random.nextBoolean() ? Store.pushOf(gradients) : Store.pushPullOf(gradients));
    }

    private RowSparseTensor rows() {
        long[] ids = RowSparseTensor.sortedUnique(
                random.longs(random.nextInt(6), 0, shape.extent(0)).toArray());
        long[] extents = shape.toArray();
        extents[0] = ids.length;
        return RowSparseTensor.of(shape, ids, Samples.integers(dtype, Shape.of(extents), random));
    }

    @Override
    public String toString() {
        return (rowSparse ? "row-sparse " : "dense ") + dtype + shape;
    }
}
