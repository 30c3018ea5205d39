package io.kvstore;

import io.kvstore.optimizer.OptimizerRule;
import io.kvstore.optimizer.Settings;
import io.kvstore.optimizer.Step;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts its updates in a state and adds the count to the weight; throws half-way through the update it is armed for. */
public final class ThrowingOnceRule implements OptimizerRule {
    /** The update, from now, that throws. */
    static final AtomicInteger armed = new AtomicInteger();

    @Override
    public String name() {
        return "throwing-once";
    }

    @Override
    public Map<String, Double> settings() {
        return Map.of();
    }

    @Override
    public int states(Settings settings) {
        return 1;
    }

    @Override
    public void update(Step step, float[] weight, float[] gradient, float[][] states, int from, int to) {
        for (int i = from; i < to; i++) {
            states[0][i]++;
            weight[i] += states[0][i];
        }
        if (armed.getAndDecrement() == 1) {
            throw new IllegalStateException("as armed");
        }
    }

    @Override
    public void update(Step step, double[] weight, double[] gradient, double[][] states, int from, int to) {
        throw new UnsupportedOperationException("float32 only");
    }
}
