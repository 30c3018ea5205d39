package io.kvstore.examples.gpu;

import io.kvstore.cuda.GpuInfo;
import java.util.ArrayList;
import java.util.Collections;
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

    /** So many devices of the host. */
    static DeviceGroup onHost(int size) {
        return new DeviceGroup(
                IntStream.range(0, size).mapToObj(i -> "cpu(" + i + ")").toList());
    }

    /** So many devices that share one GPU. */
    static DeviceGroup onGpu(int ordinal, int size) {
        return new DeviceGroup(Collections.nCopies(size, "gpu(" + ordinal + ")"));
    }

    /** The groups that are checked where {@code gpus} are: of the host, of each GPU, and one with a device of each. */
    static List<DeviceGroup> all(List<GpuInfo> gpus) {
        List<DeviceGroup> groups = new ArrayList<>();
        IntStream.of(SIZES).forEach(size -> groups.add(onHost(size)));
        gpus.forEach(gpu -> IntStream.of(SIZES).forEach(size -> groups.add(onGpu(gpu.ordinal(), size))));
        if (gpus.size() > 1) {
            groups.add(new DeviceGroup(gpus.stream().map(GpuInfo::label).toList()));
        }
        return groups;
    }

    int size() {
        return names.size();
    }

    @Override
    public String toString() {
        return names.stream().collect(Collectors.joining(","));
    }
}
