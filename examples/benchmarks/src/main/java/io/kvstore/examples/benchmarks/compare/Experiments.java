package io.kvstore.examples.benchmarks.compare;

import java.util.List;
import java.util.Map;

/** All that is compared, with the ratio that is wanted. "2x1" is two workers and one server. */
final class Experiments {
    private static final String RESNET50 = "resnet50";
    private static final String SMALL = "1000x16";

    private Experiments() {}

    static List<Experiment> all() {
        return List.of(
                Experiment.bulk("local, ResNet-50, push then pull, 1 device", resnet(1, false), 0.5)
                        .with(Map.of("memory copies", Ceiling.of(MemoryCeiling::new))),
                Experiment.bulk("local, ResNet-50, push then pull, 2 devices", resnet(2, false), 1.3),
                Experiment.bulk("local, ResNet-50, push then pull, 4 devices", resnet(4, false), 1.6),
                Experiment.bulk("local, ResNet-50, pushPull, 2 devices", resnet(2, true), 1.7)
                        .with(Map.of("additions and copies", Ceiling.of(MemoryCeiling::new))),
                Experiment.bulk("local, ResNet-50, pushPull, 4 devices", resnet(4, true), 2),
                Experiment.bulk(
                        "local, ResNet-50, SGD, push then pull, 2 devices", Work.local(2, RESNET50, false, true), 2),
                Experiment.smallKeys("local, 1000 keys of 16 floats, 1 device", Work.local(1, SMALL, false, false), 3),
                Experiment.smallKeys(
                        "local, 1000 keys of 16 floats, 2 devices", Work.local(2, SMALL, false, false), 15),
                Experiment.smallKeys(
                        "local, 1000 keys of 16 floats, SGD, 2 devices", Work.local(2, SMALL, false, true), 15),
                Experiment.bulk("dist_sync 1x1, ResNet-50, pushPull", Work.dist("dist_sync", 1, 1, RESNET50), 2.5, 1.7)
                        .with(Map.of(
                                "TCP echo",
                                Ceiling.of(EchoCeiling::tcp),
                                "Unix socket echo",
                                Ceiling.of(EchoCeiling::unix))),
                Experiment.bulk("dist_sync 2x1, ResNet-50, pushPull", Work.dist("dist_sync", 2, 1, RESNET50), 2.5)
                        .with(Map.of("Open MPI's Allreduce", new MpiCeiling())),
                Experiment.bulk("dist_sync 2x2, ResNet-50, pushPull", Work.dist("dist_sync", 2, 2, RESNET50), 2.5),
                Experiment.bulk("dist_async 2x1, ResNet-50, SGD, pushPull", Work.dist("dist_async", 2, 1, RESNET50), 2),
                Experiment.bulk("dist_async 2x2, ResNet-50, SGD, pushPull", Work.dist("dist_async", 2, 2, RESNET50), 2),
                Experiment.bulk(
                        "dist_sync 1x1, one key of 10 million floats, pushPull",
                        Work.dist("dist_sync", 1, 1, "1x10000000"),
                        4,
                        1.3),
                Experiment.smallKeys(
                        "dist_sync 1x1, 1000 keys of 16 floats, pushPull", Work.dist("dist_sync", 1, 1, SMALL), 10),
                Experiment.latency(
                        "dist_sync 1x1, one key of 16 floats, pushPull",
                        Work.dist("dist_sync", 1, 1, "1x16"),
                        3,
                        1.3,
                        2));
    }

    private static Work resnet(int devices, boolean fused) {
        return Work.local(devices, RESNET50, fused, false);
    }
}
