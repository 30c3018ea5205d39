package io.kvstore.examples.embedding;

import io.kvstore.KVStore;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A linear regression over four workers whose every step is known in advance.
 *
 * <p>The eight samples are rows of a Hadamard matrix, so the columns X are orthogonal, XᵀX = 8·I, and the sum of the
 * workers' gradients is Xᵀ(Xw − Xw*) = 8·(w − w*). Gradient descent at rate 1/2 over the mean therefore halves the way
 * to the goal in each step: w(t) = (1 − 2⁻ᵗ)·w*, without rounding in float32 for the first 20 steps. Any gradient that
 * is lost, doubled or late shows in the next line.
 */
final class Regression {
    private static final String KEY = "weight";

    /** Two samples for each of four workers; the first column is the intercept's. */
    private static final float[][][] SAMPLES = {
        {{1, 1, 1, 1}, {1, -1, 1, -1}},
        {{1, 1, -1, -1}, {1, -1, -1, 1}},
        {{1, 1, 1, 1}, {1, -1, 1, -1}},
        {{1, 1, -1, -1}, {1, -1, -1, 1}},
    };

    private static final float[] GOAL = {3f, -2f, 0.5f, 1f};

    /** Is told the weight after each step, from 1. */
    interface Listener {
        void onStep(int step, float[] weight);
    }

    private record Shard(INDArray x, INDArray y) {
        INDArray gradient(INDArray weight) {
            return x.transpose().mmul(x.mmul(weight).sub(y));
        }
    }

    private final List<Shard> shards = new ArrayList<>();

    Regression() {
        INDArray goal = Nd4j.createFromArray(GOAL).reshape(GOAL.length, 1);
        for (float[][] rows : SAMPLES) {
            INDArray x = Nd4j.createFromArray(rows);
            shards.add(new Shard(x, x.mmul(goal)));
        }
    }

    int samples() {
        return shards.stream().mapToInt(shard -> shard.x().rows()).sum();
    }

    /** Starts from zero; the store's optimizer applies the sum of the workers' gradients. */
    void fit(KVStore kv, int steps, Listener listener) {
        INDArray weight = Nd4j.zeros(GOAL.length, 1);
        kv.init(KEY, weight);
        for (int step = 1; step <= steps; step++) {
            List<INDArray> gradients = new ArrayList<>();
            for (Shard shard : shards) {
                gradients.add(shard.gradient(weight));
            }
            kv.push(KEY, gradients);
            kv.pull(KEY, weight);
            listener.onStep(step, weight.toFloatVector());
        }
    }

    /** The weight after {@code step} steps, by the formula. */
    float[] expected(int step) {
        float[] weight = new float[GOAL.length];
        for (int i = 0; i < weight.length; i++) {
            weight[i] = (float) ((1 - Math.pow(2, -step)) * GOAL[i]);
        }
        return weight;
    }

    /** The greatest distance of an element from its goal. */
    double distance(float[] weight) {
        double distance = 0;
        for (int i = 0; i < weight.length; i++) {
            distance = Math.max(distance, Math.abs(weight[i] - GOAL[i]));
        }
        return distance;
    }
}
