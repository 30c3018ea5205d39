package io.kvstore.examples.benchmarks.compare;

import io.kvstore.cuda.bench.ResNet50;
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

    static ArraySet of(String name) {
        if (name.equals(RESNET50)) {
            return resnet50();
        }
        String[] numbers = name.split("x");
        Integer[] lengths = new Integer[Integer.parseInt(numbers[0])];
        Arrays.fill(lengths, Integer.valueOf(numbers[1]));
        return new ArraySet(name, List.of(lengths));
    }

    /** The trained arrays of ResNet-50. */
    static ArraySet resnet50() {
        return new ArraySet(RESNET50, ResNet50.lengths());
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
