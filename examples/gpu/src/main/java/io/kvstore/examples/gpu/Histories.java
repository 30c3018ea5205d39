package io.kvstore.examples.gpu;

import io.kvstore.Key;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Random lives of a few keys at a time, each after its seed: in one store, and beside it in one that sums on the host. */
final class Histories implements AutoCloseable {
    private static final int KEYS = 4;
    private static final int STEPS = 80;
    private static final DType[] TYPES = {
        DType.FLOAT32, DType.FLOAT64, DType.FLOAT16, DType.BFLOAT16, DType.INT32, DType.INT64, DType.INT8
    };
    private static final int REALS = 4;
    private static final List<Optimizer> OPTIMIZERS = optimizers();

    private final Store store;
    private final Store host;

    /** @param store not this object's to close */
    Histories(Store store) {
        this.store = store;
        host = Store.onHost();
    }

    /** Most of them are computed on a GPU, the last two only on the host. */
    private static List<Optimizer> optimizers() {
        return Stream.of(true, false)
                .flatMap(lazy -> Stream.of(
                                Optimizer.sgd().wd(0.01),
                                Optimizer.sgd().momentum(0.9).wd(0.01),
                                Optimizer.sgd().momentum(0.9).multiPrecision(true),
                                Optimizer.adam().wd(0.01),
                                Optimizer.adam().clipGradient(2).multiPrecision(true),
                                Optimizer.named("adagrad").wd(0.01),
                                Optimizer.named("nag").wd(0.01))
                        .map(builder ->
                                builder.learningRate(0.1).lazyUpdate(lazy).build()))
                .toList();
    }

    /** Runs the histories of {@code count} seeds from {@code firstSeed} on, and leaves the store as it was. */
    void run(long firstSeed, int count) {
        for (long seed = firstSeed; seed < firstSeed + count; seed++) {
            run(seed);
        }
        Expect.equal(0L, store.stats().keys(), "number of keys at the end");
    }

    private void run(long seed) {
        Random random = new Random(seed);
        int chance = random.nextInt(OPTIMIZERS.size() + 2);
        Optimizer optimizer = chance < OPTIMIZERS.size() ? OPTIMIZERS.get(chance) : null;
        List<History> keys = new ArrayList<>();
        try {
            rule(optimizer);
            for (int i = 0; i < KEYS; i++) {
                DType dtype = TYPES[random.nextInt(optimizer == null ? TYPES.length : REALS)];
                keys.add(new History(store, host, Key.of(i), dtype, random));
            }
            for (int step = 0; step < STEPS; step++) {
                keys.get(random.nextInt(KEYS)).step();
            }
            keys.forEach(History::finish);
            rule(null);
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("seed " + seed + ", " + optimizer + ", " + keys + ": " + e.getMessage(), e);
        }
    }

    private void rule(Optimizer optimizer) {
        store.rule(optimizer);
        host.rule(optimizer);
    }

    @Override
    public void close() {
        host.close();
    }
}
