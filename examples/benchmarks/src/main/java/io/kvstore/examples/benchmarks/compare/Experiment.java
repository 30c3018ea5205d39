package io.kvstore.examples.benchmarks.compare;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A work that both stores do, and what is told of it.
 *
 * @param targets the wanted ratio for each setting of MXNet that is played against
 * @param kind what is measured
 */
record Experiment(String name, Work work, Kind kind, Map<Tuning, Double> targets) {
    private static final double SAME = 1;

    enum Kind {
        /** Times and processor time of many bytes. */
        BULK,

        /** Key operations of many small keys. */
        SMALL_KEYS,

        /** Single operations, with idle cores and with cores that are kept awake. */
        LATENCY
    }

    static Experiment bulk(String name, Work work, double target) {
        return new Experiment(name, work, Kind.BULK, Map.of(Tuning.DEFAULT, target));
    }

    static Experiment bulk(String name, Work work, double target, double targetAgainstBest) {
        Map<Tuning, Double> targets = new LinkedHashMap<>();
        targets.put(Tuning.DEFAULT, target);
        targets.put(Tuning.BEST, targetAgainstBest);
        return new Experiment(name, work, Kind.BULK, targets);
    }

    static Experiment smallKeys(String name, Work work, double target) {
        return new Experiment(name, work, Kind.SMALL_KEYS, Map.of(Tuning.DEFAULT, target));
    }

    /** The rows of blocks that were played in turn, against one setting of MXNet. */
    List<Row> rows(Tuning tuning, List<Block> ours, List<Block> theirs) {
        String full = tuning == Tuning.DEFAULT ? name : name + ", against best tuning";
        Double target = targets.get(tuning);
        if (kind == Kind.SMALL_KEYS) {
            return List.of(Metric.KEY_OPERATIONS.row(full, work, ours, theirs, target));
        }
        return List.of(
                Metric.ROUND.row(full, work, ours, theirs, target),
                Metric.PROCESSOR.row(full, work, ours, theirs, tuning == Tuning.DEFAULT ? SAME : null));
    }
}
