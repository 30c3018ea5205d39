package io.kvstore.examples.benchmarks.mxnet;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.optimizer.Optimizer;
import io.kvstore.optimizer.Schedule;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.IntToDoubleFunction;

/** One store of each kind with the same keys, and random settings. */
final class OptimizerRun {
    static final int UPDATES = 50;

    private final OptimizerCase c;
    private final int updates;
    private final int[] shape;
    private final Random random;
    private final Map<String, Double> settings = new TreeMap<>();
    private final Map<String, Double> lrMult;
    private final Map<String, Double> wdMult;
    private final double base;
    private final int every;
    private final double factor;
    private final List<String> keys;
    private final Map<String, int[]> shapes = new HashMap<>();
    private final Map<String, Double> scales = new HashMap<>();

    OptimizerRun(OptimizerCase c, long seed) {
        this(c, seed, UPDATES);
    }

    /** @param shape of the weights; none for random ones */
    OptimizerRun(OptimizerCase c, long seed, int updates, int... shape) {
        this.c = c;
        this.updates = updates;
        this.shape = shape;
        random = new Random(seed);
        keys = c.optimizer().equals("nadam") ? List.of("a_weight") : List.of("a_weight", "b_bias");
        lrMult = random.nextBoolean() ? Map.of() : Map.of("b_bias", 0.5);
        wdMult = random.nextBoolean() ? Map.of() : Map.of("b_bias", 0.0);
        base = RandomSettings.number(random, 0.001, 0.1);
        every = random.nextInt(3) == 0 ? 1 + random.nextInt(20) : Integer.MAX_VALUE;
        factor = RandomSettings.number(random, 0.5, 0.9);
        for (String name : RandomSettings.names(c.optimizer())) {
            settings.put(name, c.fixed().getOrDefault(name, RandomSettings.own(name, random)));
        }
    }

    void run(Differential stores) {
        String type = random.nextBoolean() ? "local" : "device";
        IntToDoubleFunction rate = update -> base * Math.pow(factor, (update - 1) / every);
        try (Both both = stores.open(type);
                MxOptimizer updater = new MxOptimizer(c.rule().get(), c.master(), settings, rate, lrMult, wdMult)) {
            both.ours().setOptimizer(optimizer());
            both.theirs().setUpdater(updater);
            for (String key : keys) {
                shapes.put(
                        key,
                        shape.length > 0
                                ? shape
                                : random.ints(1 + random.nextInt(4), 1, 7).toArray());
                both.init(key, sample(key));
            }
            for (int update = 1; update <= updates; update++) {
                for (String key : keys) {
                    both.push(key, sample(key), sample(key));
                }
                if (update % 5 == 0 || update == 1) {
                    for (String key : keys) {
                        compare(both, key, key + " after update " + update + " with " + settings);
                    }
                }
            }
        }
    }

    private Sample sample(String key) {
        return Sample.random(random, c.type(), shapes.get(key));
    }

    private Optimizer optimizer() {
        Map<String, Object> all = new HashMap<>(settings);
        all.put("learning_rate", base);
        all.put("lr_mult", lrMult);
        all.put("wd_mult", wdMult);
        all.put("multi_precision", c.type() == MxType.FLOAT16);
        if (every < Integer.MAX_VALUE) {
            all.put("lr_scheduler", Schedule.factor(every, factor));
        }
        return Optimizer.of(c.optimizer(), all);
    }

    private void compare(Both both, String key, String what) {
        if (c.near() == OptimizerCase.Near.BITS) {
            assertThat(both.difference(key)).as(what).isEmpty();
            return;
        }
        double[] given = both.ours(key).doubles();
        double[] wanted = both.mxnets(key).doubles();
        double scale = scales.getOrDefault(key, 1.0);
        for (int i = 0; i < wanted.length; i++) {
            scale = Math.max(scale, Math.abs(wanted[i]));
            assertThat(Math.abs(given[i] - wanted[i]) / scale)
                    .as("%s, element %d: given %s, MXNet %s", what, i, given[i], wanted[i])
                    .isLessThanOrEqualTo(c.near().tolerance);
        }
        scales.put(key, scale);
    }
}
