package io.kvstore.examples.benchmarks.scaling;

import java.lang.management.ManagementFactory;

/** How much of the Java heap is in use. */
final class Heap {
    private static final int COLLECTIONS = 3; // what the first frees may let go of more

    private Heap() {}

    /** Megabytes in use once the garbage is collected. */
    static double megabytes() {
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / 1e6;
    }
}
