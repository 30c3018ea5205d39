package io.kvstore.examples.benchmarks.compare;

/**
 * A row that an experiment gives.
 *
 * @param against the settings of MXNet that it is compared with
 * @param target the wanted ratio, or null
 */
record Measure(Metric metric, Phase phase, Tuning against, Double target) {
    Measure(Metric metric, double target) {
        this(metric, Phase.PLAYING, Tuning.DEFAULT, target);
    }

    String suffix() {
        return phase.suffix() + metric.suffix() + against.suffix();
    }
}
