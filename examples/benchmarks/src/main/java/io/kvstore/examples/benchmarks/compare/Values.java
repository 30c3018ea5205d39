package io.kvstore.examples.benchmarks.compare;

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
     * Compares all elements of a pulled array.
     *
     * @param rounds how many rounds pushed each variant since the key was initialised with zeros
     * @param last the variant of the last round
     * @throws WrongValueException for the first one that is not what it must be
     */
    void check(int key, long[] rounds, int last, float[] pulled) {
        int length = work.arrays().lengths().get(key);
        for (int element = 0; element < length; element++) {
            float expected = expected(key, element, rounds, last);
            if (pulled[element] != expected) {
                throw new WrongValueException("wrong value: key=" + key + ", element=" + element + ", expected="
                        + expected + ", given=" + pulled[element] + ", rounds=" + rounds[0] + "+" + rounds[1]);
            }
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
