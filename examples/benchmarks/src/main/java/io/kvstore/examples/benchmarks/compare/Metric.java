package io.kvstore.examples.benchmarks.compare;

import java.util.List;

/** What of a side's rounds is shown, and in which direction it is better. */
enum Metric {
    /** The time of a round. */
    ROUND("", "ms", false) {
        @Override
        double of(Block block, Work work) {
            return block.median() / 1e6;
        }
    },

    /** Bytes that a worker pushes and pulls in a second. */
    THROUGHPUT("", "GB/s", true) {
        @Override
        double of(Block block, Work work) {
            return work.bytes() / block.median();
        }
    },

    /** Pushes and pulls of single keys in a second. */
    KEY_OPERATIONS("", "key operations/s", true) {
        @Override
        double of(Block block, Work work) {
            return 2e9 * work.arrays().size() / block.median();
        }
    },

    /** The time that half of the rounds do not exceed. */
    P50(", p50", "us", false) {
        @Override
        double of(Block block, Work work) {
            return block.median() / 1e3;
        }
    },

    /** The time that 99 of 100 rounds do not exceed. */
    P99(", p99", "us", false) {
        @Override
        double of(Block block, Work work) {
            return block.quantile(0.99) / 1e3;
        }
    },

    /** Processor seconds for the bytes that are pushed and pulled. */
    PROCESSOR(", processor time", "s/GB", false) {
        @Override
        double of(Block block, Work work) {
            return block.processorSeconds() / work.bytes() * 1e9;
        }
    },

    /** Processor time of all processes in a second without work. */
    AT_REST(", processor time", "ms/s", false) {
        @Override
        double of(Block block, Work work) {
            return block.processorSeconds() * 1e12 / block.median();
        }
    };

    private final String suffix;
    private final String unit;
    private final boolean moreIsBetter;

    Metric(String suffix, String unit, boolean moreIsBetter) {
        this.suffix = suffix;
        this.unit = unit;
        this.moreIsBetter = moreIsBetter;
    }

    abstract double of(Block block, Work work);

    /** What it adds to a row's name. */
    String suffix() {
        return suffix;
    }

    /**
     * Medians of blocks that were played in turn, and the median of their ratios.
     *
     * @param target the ratio that is wanted, or null
     */
    Row row(String name, Work work, List<Block> ours, List<Block> theirs, Double target) {
        double[] here = ours.stream().mapToDouble(block -> of(block, work)).toArray();
        double[] there = theirs.stream().mapToDouble(block -> of(block, work)).toArray();
        double[] ratios = new double[here.length];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = moreIsBetter ? here[i] / there[i] : there[i] / here[i];
        }
        return Row.of(name, unit, here, there, ratios, target);
    }
}
