package io.kvstore.optimizer;

/**
 * Sums of squares in double. Four running sums, added up in one order at the end, keep the processor's adders busy and
 * the bits the same everywhere.
 */
final class Norms {
    private Norms() {}

    static double squares(float[] values, int from, int to) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = from;
        for (; i < to - 3; i += 4) {
            a += (double) values[i] * values[i];
            b += (double) values[i + 1] * values[i + 1];
            c += (double) values[i + 2] * values[i + 2];
            d += (double) values[i + 3] * values[i + 3];
        }
        for (; i < to; i++) {
            a += (double) values[i] * values[i];
        }
        return a + b + (c + d);
    }

    static double squares(double[] values, int from, int to) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = from;
        for (; i < to - 3; i += 4) {
            a += values[i] * values[i];
            b += values[i + 1] * values[i + 1];
            c += values[i + 2] * values[i + 2];
            d += values[i + 3] * values[i + 3];
        }
        for (; i < to; i++) {
            a += values[i] * values[i];
        }
        return a + b + (c + d);
    }
}
