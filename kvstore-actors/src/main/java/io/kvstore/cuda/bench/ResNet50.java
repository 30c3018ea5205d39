package io.kvstore.cuda.bench;

import java.util.ArrayList;
import java.util.List;

/** The trained arrays of ResNet-50 (He et al., 2015) for 1000 classes: what benchmarks push and pull. */
public final class ResNet50 {
    private static final int[] BLOCKS = {3, 4, 6, 3};

    private ResNet50() {}

    /** The floats of each of the 161 arrays, first layer first. */
    public static List<Integer> lengths() {
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
        return List.copyOf(lengths);
    }

    /** A convolution's weights, and scale and shift of the normalisation behind it. */
    private static void convolution(List<Integer> lengths, int in, int out, int window) {
        lengths.add(in * out * window);
        lengths.add(out);
        lengths.add(out);
    }
}
