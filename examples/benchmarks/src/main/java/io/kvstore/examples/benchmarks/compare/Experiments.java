package io.kvstore.examples.benchmarks.compare;

import java.util.List;

/** All that is compared, with the ratio that is wanted. */
final class Experiments {
    private static final String RESNET50 = "resnet50";
    private static final String SMALL = "1000x16";

    private Experiments() {}

    static List<Experiment> all() {
        return List.of(
                Experiment.bulk("local, ResNet-50, push then pull, 1 device", resnet(1, false), 0.5),
                Experiment.bulk("local, ResNet-50, push then pull, 2 devices", resnet(2, false), 1.3),
                Experiment.bulk("local, ResNet-50, push then pull, 4 devices", resnet(4, false), 1.6),
                Experiment.bulk("local, ResNet-50, pushPull, 2 devices", resnet(2, true), 1.7),
                Experiment.bulk("local, ResNet-50, pushPull, 4 devices", resnet(4, true), 2),
                Experiment.bulk(
                        "local, ResNet-50, SGD, push then pull, 2 devices", Work.local(2, RESNET50, false, true), 2),
                Experiment.smallKeys("local, 1000 keys of 16 floats, 1 device", Work.local(1, SMALL, false, false), 3),
                Experiment.smallKeys(
                        "local, 1000 keys of 16 floats, 2 devices", Work.local(2, SMALL, false, false), 15),
                Experiment.smallKeys(
                        "local, 1000 keys of 16 floats, SGD, 2 devices", Work.local(2, SMALL, false, true), 15));
    }

    private static Work resnet(int devices, boolean fused) {
        return Work.local(devices, RESNET50, fused, false);
    }
}
