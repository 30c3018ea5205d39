package io.kvstore.examples.benchmarks.compare;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The float32 arrays of a comparison, one per key.
 *
 * @param name {@code resnet50}, or such as {@code 1000x16}: a thousand arrays of 16 floats
 * @param lengths the floats of each
 */
record ArraySet(String name, List<Integer> lengths) {
    private static final String RESNET50 = "resnet50";
    private static final int[] BLOCKS = {3, 4, 6, 3};

    static ArraySet of(String name) {
        if (name.equals(RESNET50)) {
            return resnet50();
        }
        String[] numbers = name.split("x");
        Integer[] lengths = new Integer[Integer.parseInt(numbers[0])];
        Arrays.fill(lengths, Integer.valueOf(numbers[1]));
        return new ArraySet(name, List.of(lengths));
    }

    /** The 161 trained arrays of ResNet-50 (He et al., 2015) for 1000 classes, first layer first. */
    static ArraySet resnet50() {
        List<Integer> lengths = new ArrayList<>();
        convolution(lengths, 3, 64, 49);
        int in = 64;
        for (int stage = 0; stage < BLOCKS.length; stage++) {
            int width = 64 << stage;
            for (int block = 0; block < BLOCKS[stage]; block++) {
                if (block == 0) {
                    convolution(lengths, in, 4 * width, 1);
                }
                convolution(lengths, in, width, 1);
                convolution(lengths, width, width, 9);
                convolution(lengths, width, 4 * width, 1);
                in = 4 * width;
            }
        }
        lengths.add(in * 1000);
        lengths.add(1000);
        return new ArraySet(RESNET50, List.copyOf(lengths));
    }

    /** A convolution's weights, and scale and shift of the normalisation behind it. */
    private static void convolution(List<Integer> lengths, int in, int out, int window) {
        lengths.add(in * out * window);
        lengths.add(out);
        lengths.add(out);
    }

    int size() {
        return lengths.size();
    }

    long floats() {
        return lengths.stream().mapToLong(Integer::longValue).sum();
    }

    int longest() {
        return lengths.stream().max(Integer::compare).orElse(0);
    }
}
