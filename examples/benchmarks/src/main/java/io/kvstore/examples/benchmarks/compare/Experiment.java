package io.kvstore.examples.benchmarks.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A work that both stores do, and the rows that are told of it.
 *
 * @param ceilings what the machine could do, by name
 */
record Experiment(String name, Work work, List<Measure> measures, Map<String, Ceiling> ceilings) {
    Experiment(String name, Work work, List<Measure> measures) {
        this(name, work, measures, Map.of());
    }

    /** Many bytes: the time of a round, and what it costs the processors. */
    static Experiment bulk(String name, Work work, double target) {
        return new Experiment(name, work, List.of(new Measure(Metric.ROUND, target), new Measure(Metric.PROCESSOR, 1)));
    }

    /** The same, and the time against MXNet's best tuning too. */
    static Experiment bulk(String name, Work work, double target, double targetAgainstBest) {
        List<Measure> measures = new ArrayList<>(bulk(name, work, target).measures());
        measures.add(new Measure(Metric.ROUND, Phase.PLAYING, Tuning.BEST, targetAgainstBest));
        return new Experiment(name, work, measures);
    }

    static Experiment smallKeys(String name, Work work, double target) {
        return new Experiment(name, work, List.of(new Measure(Metric.KEY_OPERATIONS, target)));
    }

    /** Single operations, and what the stores do when there is nothing to do. */
    static Experiment latency(String name, Work work, double idleP50, double awakeP50, double p99) {
        return new Experiment(
                name,
                work,
                List.of(
                        new Measure(Metric.P50, Phase.IDLE_CORES, Tuning.DEFAULT, idleP50),
                        new Measure(Metric.P99, Phase.IDLE_CORES, Tuning.DEFAULT, p99),
                        new Measure(Metric.P50, Phase.AWAKE_CORES, Tuning.DEFAULT, awakeP50),
                        new Measure(Metric.P99, Phase.AWAKE_CORES, Tuning.DEFAULT, p99),
                        new Measure(Metric.AT_REST, Phase.RESTING, Tuning.DEFAULT, null)));
    }

    /** The same, and beside it what the machine could do at most. */
    Experiment with(Map<String, Ceiling> limits) {
        return new Experiment(name, work, measures, new TreeMap<>(limits));
    }

    List<Phase> phases() {
        return measures.stream().map(Measure::phase).distinct().toList();
    }

    List<Tuning> opponents() {
        return measures.stream().map(Measure::against).distinct().toList();
    }

    List<Row> rows(Blocks blocks) {
        return measures.stream()
                .map(measure -> measure.metric()
                        .row(
                                name + measure.suffix(),
                                work,
                                blocks.ours(measure.phase()),
                                blocks.of(measure.phase(), measure.against()),
                                measure.target()))
                .toList();
    }
}
