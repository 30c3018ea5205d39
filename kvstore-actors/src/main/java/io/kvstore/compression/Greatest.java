package io.kvstore.compression;

import java.util.Arrays;

/**
 * Which elements of an array are its k of greatest magnitude, those with the lowest indices first among equals.
 *
 * <p>Magnitudes are compared by their bits, which have the same order. The least chosen one is found by radix, its
 * 31 bits in three passes over the array that count and copy nothing: time depends on the length alone.
 *
 * @param least the bits of the least magnitude chosen
 * @param lastTie the highest index at which a magnitude equal to {@code least} is chosen
 */
record Greatest(int least, int lastTie) {
    private static final int[] SHIFTS = {20, 10, 0};
    private static final int BINS = 1 << 11;

    static Greatest of(float[] values, int k) {
        int least = 0;
        int known = 0; // mask of the bits of least that are settled
        int wanted = k; // how many are chosen among those that agree in the known bits
        int[] counts = new int[BINS];
        for (int shift : SHIFTS) {
            Arrays.fill(counts, 0);
            for (float value : values) {
                int bits = magnitude(value);
                if ((bits & known) == least) {
                    counts[(bits & ~known) >>> shift]++;
                }
            }
            int bin = BINS - 1;
            while (bin > 0 && counts[bin] < wanted) {
                wanted -= counts[bin--];
            }
            least |= bin << shift;
            known = Integer.MAX_VALUE & -1 << shift;
        }
        return new Greatest(least, tie(values, least, wanted));
    }

    /** The index of the n-th element of that magnitude. */
    private static int tie(float[] values, int least, int n) {
        int left = n;
        for (int i = 0; i < values.length; i++) {
            if (magnitude(values[i]) == least && --left == 0) {
                return i;
            }
        }
        return -1;
    }

    private static int magnitude(float value) {
        return Float.floatToRawIntBits(value) & Integer.MAX_VALUE;
    }

    boolean has(float value, int index) {
        int bits = magnitude(value);
        return bits > least || bits == least && index <= lastTie;
    }

    int countIn(float[] values, int from, int count) {
        int found = 0;
        for (int i = from; i < from + count; i++) {
            found += has(values[i], i) ? 1 : 0;
        }
        return found;
    }
}
