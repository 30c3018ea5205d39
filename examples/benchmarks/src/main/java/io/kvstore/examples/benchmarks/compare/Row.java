package io.kvstore.examples.benchmarks.compare;

import java.util.Arrays;

/**
 * One line of the result.
 *
 * @param ratio above 1: this store is ahead; the median of pairs that were measured one after the other
 * @param spread how far the pairs' ratios lie apart: largest less smallest, by the median
 * @param target the ratio that is wanted, or null
 */
record Row(String name, double ours, double theirs, String unit, double ratio, double spread, Double target) {
    static Row of(String name, String unit, double[] ours, double[] theirs, double[] ratios, Double target) {
        double[] sorted = ratios.clone();
        Arrays.sort(sorted);
        double ratio = median(ratios);
        double spread = (sorted[sorted.length - 1] - sorted[0]) / ratio;
        return new Row(name, median(ours), median(theirs), unit, ratio, spread, target);
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
