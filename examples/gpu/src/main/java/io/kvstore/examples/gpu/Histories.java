package io.kvstore.examples.gpu;

import io.kvstore.Key;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.robust.RowSparseModel.Rule;
import io.kvstore.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Random lives of a few keys at a time in one store, each after its seed. */
final class Histories {
    private static final int KEYS = 4;
    private static final int STEPS = 80;
    private static final DType[] TYPES = {
        DType.FLOAT32, DType.FLOAT64, DType.FLOAT16, DType.BFLOAT16, DType.INT32, DType.INT64
    };
    private static final int REALS = 4;
    private static final List<Rule> RULES = rules();

    private Histories() {}

    /** Most of them are computed on a GPU, the last two only on the host. */
    private static List<Rule> rules() {
        List<Rule> rules = new ArrayList<>();
        rules.add(new Rule(null, false));
        for (boolean lazy : new boolean[] {true, false}) {
            Stream.of(
                            Optimizer.sgd().wd(0.01),
                            Optimizer.sgd().momentum(0.9).wd(0.01),
                            Optimizer.sgd().momentum(0.9).multiPrecision(true),
                            Optimizer.adam().wd(0.01),
                            Optimizer.adam().clipGradient(2).multiPrecision(true),
                            Optimizer.named("adagrad").wd(0.01),
                            Optimizer.named("nag").wd(0.01))
                    .map(builder ->
                            new Rule(builder.learningRate(0.1).lazyUpdate(lazy).build(), false))
                    .forEach(rules::add);
        }
        return rules;
    }

    /** Runs the histories of {@code count} seeds from {@code firstSeed} on, and leaves the store as it was. */
    static void run(Store store, long firstSeed, int count) {
        for (long seed = firstSeed; seed < firstSeed + count; seed++) {
            run(store, seed);
        }
        Expect.equal(0L, store.stats().keys(), "keys at the end");
    }

    private static void run(Store store, long seed) {
        Random random = new Random(seed);
        Rule rule = RULES.get(random.nextInt(RULES.size()));
        List<History> keys = new ArrayList<>();
        try {
            store.rule(rule.optimizer());
            for (int i = 0; i < KEYS; i++) {
                DType dtype = TYPES[random.nextInt(rule.optimizer() == null ? TYPES.length : REALS)];
                keys.add(new History(store, Key.of(i), rule, dtype, random));
            }
            for (int step = 0; step < STEPS; step++) {
                keys.get(random.nextInt(KEYS)).step();
            }
            keys.forEach(History::finish);
            store.rule(null);
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("seed " + seed + ", " + keys + ": " + e.getMessage(), e);
        }
    }
}
