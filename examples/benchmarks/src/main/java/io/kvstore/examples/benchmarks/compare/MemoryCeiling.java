package io.kvstore.examples.benchmarks.compare;

import java.util.stream.IntStream;

/**
 * Adds the arrays of all devices and copies the sum to each of them, block by block, on all cores; of one device, copies its
 * array into a store's and back.
 */
final class MemoryCeiling implements Ceiling.Mover {
    private static final int BLOCK = 4096;

    private final float[][] pushed;
    private final float[][] pulled;
    private final float[] stored;
    private final int blocks;

    /** One array of as many floats as the work's have together, for each device. */
    MemoryCeiling(Work work) {
        int length = (int) work.arrays().floats();
        pushed = new float[work.devices()][length];
        pulled = new float[work.devices()][length];
        stored = new float[length];
        blocks = (length + BLOCK - 1) / BLOCK;
    }

    @Override
    public void round() {
        IntStream.range(0, blocks).parallel().forEach(this::block);
    }

    private void block(int block) {
        int from = block * BLOCK;
        int to = Math.min(stored.length, from + BLOCK);
        System.arraycopy(pushed[0], from, stored, from, to - from);
        for (int device = 1; device < pushed.length; device++) {
            add(pushed[device], stored, from, to);
        }
        for (float[] out : pulled) {
            System.arraycopy(stored, from, out, from, to - from);
        }
    }

    private static void add(float[] values, float[] sum, int from, int to) {
        for (int i = from; i < to; i++) {
            sum[i] += values[i];
        }
    }

    @Override
    public void close() {}
}
