package io.kvstore.examples.gpu;

import io.kvstore.Key;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.OptimizerState;
import io.kvstore.robust.RowSparseModel;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Shape;
import io.kvstore.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.stream.LongStream;

/**
 * One key's life under random commands, several of which are under way at a time, beside its model. Gradients are small
 * integers, so that no sum rounds, and every answer is compared bit by bit.
 */
final class History {
    private static final int MOST_OPEN = 6;

    private record Open(CompletionStage<KeyReply> answer, Consumer<KeyReply> check) {}

    private final Store store;
    private final Random random;
    private final Key key;
    private final Shape shape;
    private final DType dtype;
    private final boolean rowSparse;
    private final RowSparseModel.Rule rule;
    private final RowSparseModel model;
    private final Queue<Open> open = new ArrayDeque<>();

    /** @param rule in force in the store; with an optimizer the type is one of real numbers */
    History(Store store, Key key, RowSparseModel.Rule rule, DType dtype, Random random) {
        this.store = store;
        this.random = random;
        this.key = key;
        this.rule = rule;
        this.dtype = dtype;
        shape = Shape.of(LongStream.generate(() -> 1 + random.nextInt(5))
                .limit(1 + random.nextInt(3))
                .toArray());
        rowSparse = random.nextInt(4) > 0;
        RowSparseTensor rows = rows();
        model = new RowSparseModel(key, rule, rows.toDense());
        expectDone(new KeyCommand.Init(rowSparse ? rows : rows.toDense(), null));
    }

    /** Sends one random command; answers that are due by now are checked. */
    void step() {
        switch (random.nextInt(8)) {
            case 0 -> expectValue(new KeyCommand.Pull(null));
            case 1 -> pullRows();
            case 2 -> saveStates();
            default -> push();
        }
        while (open.size() > random.nextInt(MOST_OPEN)) {
            checkOldest();
        }
    }

    /** Checks what is still open, and deletes the key. */
    void finish() {
        expectValue(new KeyCommand.Pull(null));
        expectDone(new KeyCommand.Delete(0, null));
        while (!open.isEmpty()) {
            checkOldest();
        }
    }

    private void checkOldest() {
        Open oldest = open.remove();
        oldest.check.accept(Store.await(oldest.answer));
    }

    private void expect(KeyCommand command, Consumer<KeyReply> check) {
        open.add(new Open(store.send(key, command), check));
    }

    private void expectDone(KeyCommand command) {
        expect(command, reply -> Expect.that(reply instanceof KeyReply.Done, () -> "done, not " + reply));
    }

    /** The answer is the model's present value. */
    private void expectValue(KeyCommand command) {
        DenseTensor expected = model.value().copy();
        expect(command, reply -> {
            Expect.that(reply instanceof KeyReply.Value, () -> "a value, not " + reply);
            Expect.equal(expected, ((KeyReply.Value) reply).value(), "value");
            reply.release();
        });
    }

    private void pullRows() {
        if (!rowSparse) {
            return;
        }
        long[] ids = random.longs(random.nextInt(8), 0, shape.extent(0)).toArray();
        RowSparseTensor expected = RowSparseTensor.gather(model.value(), ids);
        expect(new KeyCommand.PullRows(ids, null), reply -> {
            Expect.that(reply instanceof KeyReply.Rows, () -> "rows, not " + reply);
            Expect.equal(expected, ((KeyReply.Rows) reply).rows(), "rows");
        });
    }

    /** Asks for the optimizer's states, and sometimes gives them back, which changes nothing. */
    private void saveStates() {
        if (rule.optimizer() == null) {
            return;
        }
        OptimizerState expected = model.states();
        expect(new KeyCommand.Snapshot(0, null), reply -> {
            Expect.that(reply instanceof KeyReply.States, () -> "states, not " + reply);
            Expect.equal(expected, ((KeyReply.States) reply).state(), "states");
            reply.release();
        });
        if (random.nextBoolean()) {
            expectDone(new KeyCommand.Restore(expected, 0, null));
        }
    }

    private void push() {
        List<Tensor> gradients = new ArrayList<>();
        DenseTensor sum = DenseTensor.zeros(dtype, shape);
        LongStream given = LongStream.empty();
        int form = random.nextInt(3); // rows, dense, mixed
        for (int device = random.nextInt(5); device >= 0; device--) {
            RowSparseTensor rows = rows();
            boolean dense = form == 1 || form == 2 && random.nextBoolean();
            gradients.add(dense ? rows.toDense() : rows);
            sum.add(0, rows.toDense(), 0, sum.length());
            given = given == null || dense ? null : LongStream.concat(given, Arrays.stream(rows.ids()));
        }
        model.push(sum, given == null ? null : given.toArray());
        if (random.nextBoolean()) {
            expectDone(Store.pushOf(gradients));
        } else {
            expectValue(Store.pushPullOf(gradients));
        }
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
        return (rowSparse ? "row-sparse " : "dense ") + dtype + shape + ", " + rule;
    }
}
