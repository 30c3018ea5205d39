package io.kvstore.optimizer;

import io.kvstore.Key;

/**
 * Normal noise as a function of (seed, key, update count, element), the same on every machine.
 *
 * <p>With {@code mix} the 64-bit finaliser of SplitMix64 and {@code G = 0x9e3779b97f4a7c15}:
 *
 * <pre>
 *   base = mix(mix(mix(seed) + hash(key)) + count)
 *   x = mix(base + (2 * element + 1) * G),  y = mix(base + (2 * element + 2) * G)
 *   u1 = ((x >>> 11) + 1) / 2^53,  u2 = (y >>> 11) / 2^53
 *   normal = sqrt(-2 * ln(u1)) * cos(2 * pi * u2)
 * </pre>
 *
 * {@code hash} is the number of an integer key; of a string key it is FNV-1a (64 bits) over its UTF-16 units.
 *
 * <p>Sources: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014; Box and Muller, "A Note on
 * the Generation of Random Normal Deviates", 1958.
 */
final class Noise {
    private static final long GOLDEN = 0x9e3779b97f4a7c15L;

    private final long base;

    Noise(long seed, Key key, long count) {
        base = mix(mix(mix(seed) + hash(key)) + count);
    }

    /** The deviate of one element, with mean 0 and variance 1. */
    double normal(long element) {
        long x = mix(base + (2 * element + 1) * GOLDEN);
        long y = mix(base + (2 * element + 2) * GOLDEN);
        double first = ((x >>> 11) + 1) * 0x1p-53;
        double second = (y >>> 11) * 0x1p-53;
        // Math's logarithm and cosine may differ from one processor to another.
        return Math.sqrt(-2 * StrictMath.log(first)) * StrictMath.cos(2 * Math.PI * second);
    }

    private static long mix(long z) {
        long a = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        long b = (a ^ a >>> 27) * 0x94d049bb133111ebL;
        return b ^ b >>> 31;
    }

    private static long hash(Key key) {
        if (key.isInteger()) {
            return key.number();
        }
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < key.name().length(); i++) {
            hash = (hash ^ key.name().charAt(i)) * 0x100000001b3L;
        }
        return hash;
    }
}
