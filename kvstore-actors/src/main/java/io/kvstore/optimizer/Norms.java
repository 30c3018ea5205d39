package io.kvstore.optimizer;

/** The terms of sums of squares. */
final class Norms {
    private Norms() {}

    static void squares(float[] values, int from, int to, double[] terms) {
        for (int i = from; i < to; i++) {
            terms[i - from] = (double) values[i] * values[i];
        }
    }

    static void squares(double[] values, int from, int to, double[] terms) {
        for (int i = from; i < to; i++) {
            terms[i - from] = values[i] * values[i];
        }
    }
}
