package io.kvstore.examples.benchmarks.compare;

import java.util.Arrays;

/**
 * What is pushed, and what must come back: small whole numbers that depend on key, element, worker, device and variant, so
 * that every sum and every update is exact in float32, in whatever order it is formed.
 */
final class Values {
    /** The gradients of the rounds that are timed, and those of the rounds that are checked. */
    static final int VARIANTS = 2;

    /** A power of two: products with it are exact. */
    static final double LEARNING_RATE = 1.0 / 1024;

    private static final int MOST = 16;

    private final Work work;

    Values(Work work) {
        this.work = work;
    }

    /** Fills the first elements of {@code values}, as many as the key has, by what a worker pushes from a device. */
    void fill(int key, int worker, int device, int variant, float[] values) {
        int length = work.arrays().lengths().get(key);
        for (int element = 0; element < length; element++) {
            values[element] = pushed(key, element, worker, device, variant);
        }
    }

    private static int pushed(int key, int element, int worker, int device, int variant) {
        int mixed = (element ^ element >>> 7) * 5 + key * 3 + worker * 7 + device * 11 + variant * 9;
        return 1 + (mixed & MOST - 1);
    }

    /**
     * What every device must pull from a key, into the first elements of {@code values}.
     *
     * @param rounds how many rounds pushed each variant since the key was initialised with zeros
     * @param last the variant of the last round
     */
    void expect(int key, long[] rounds, int last, float[] values) {
        int length = work.arrays().lengths().get(key);
        for (int element = 0; element < length; element++) {
            values[element] = expected(key, element, rounds, last);
        }
    }

    private float expected(int key, int element, long[] rounds, int last) {
        if (!work.sgd()) {
            return sum(key, element, last);
        }
        long total = 0;
        for (int variant = 0; variant < VARIANTS; variant++) {
            total += rounds[variant] * sum(key, element, variant);
        }
        return (float) (-LEARNING_RATE * total);
    }

    /** @throws WrongValueException for the first element of a pulled array that is not what it must be */
    void check(int key, float[] expected, float[] pulled) {
        int length = work.arrays().lengths().get(key);
        int wrong = Arrays.mismatch(expected, 0, length, pulled, 0, length);
        if (wrong >= 0) {
            throw new WrongValueException("wrong value: key=" + key + ", element=" + wrong + ", expected="
                    + expected[wrong] + ", given=" + pulled[wrong]);
        }
    }

    private int sum(int key, int element, int variant) {
        int sum = 0;
        for (int worker = 0; worker < work.workers(); worker++) {
            for (int device = 0; device < work.devices(); device++) {
                sum += pushed(key, element, worker, device, variant);
            }
        }
        return sum;
    }
}
