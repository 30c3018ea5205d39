package io.kvstore.examples.gpu;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The logical devices of one store.
 *
 * @param names such as {@code cpu(0)} or {@code gpu(0)}; several may be on one GPU
 */
record DeviceGroup(List<String> names) {
    /** How many logical devices the checks are made on, one after the other. */
    private static final int[] SIZES = {1, 2, 4};

    /** Reads such as {@code gpu(0),gpu(0)}. */
    static DeviceGroup of(String text) {
        return new DeviceGroup(List.of(text.strip().split("\\s*,\\s*")));
    }

    /** Groups of 1, 2 and 4 on the host. */
    static List<DeviceGroup> onHost() {
        return IntStream.of(SIZES)
                .mapToObj(size -> new DeviceGroup(
                        IntStream.range(0, size).mapToObj(i -> "cpu(" + i + ")").toList()))
                .toList();
    }

    /** Groups of 1, 2 and 4 that share one GPU. */
    static List<DeviceGroup> onGpu(int ordinal) {
        return IntStream.of(SIZES)
                .mapToObj(size -> new DeviceGroup(IntStream.range(0, size)
                        .mapToObj(i -> "gpu(" + ordinal + ")")
                        .toList()))
                .toList();
    }

    @Override
    public String toString() {
        return names.stream().collect(Collectors.joining(","));
    }
}
