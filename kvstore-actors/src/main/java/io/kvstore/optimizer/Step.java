package io.kvstore.optimizer;

import io.kvstore.Key;

/**
 * What a rule's kernel needs to know of one update of one key.
 *
 * @param key the key that is updated
 * @param count the number of this update of the key, from 1, plus {@code begin_num_update}
 * @param learningRate the rate in force, schedule and the key's multiplier applied
 * @param rateRatio the schedule's rate at this update over that at the key's last one; 1 at the first, without
 *     schedule, and after a rate of 0
 * @param wd weight decay with the key's multiplier applied
 * @param rescaleGrad factor for each gradient element
 * @param clipGradient limit of a gradient element's magnitude; 0 or less means none
 * @param settings the rule's own settings
 * @param element the index in the whole tensor of the arrays' element 0
 * @param sums the whole-tensor sums, if the rule asks for any; to be read only
 */
public record Step(
        Key key,
        long count,
        double learningRate,
        double rateRatio,
        double wd,
        double rescaleGrad,
        double clipGradient,
        Settings settings,
        long element,
        double[] sums) {

    /** A setting of the rule. */
    public double get(String name) {
        return settings.get(name);
    }

    /** The limit of a gradient element's magnitude, infinite if there is none. */
    public double clip() {
        return clips() ? clipGradient : Double.POSITIVE_INFINITY;
    }

    /** Whether gradients are limited at all. */
    public boolean clips() {
        return clipGradient > 0;
    }

    /** The same step of arrays whose element 0 is element {@code index} of the whole tensor. */
    Step at(long index) {
        return new Step(key, count, learningRate, rateRatio, wd, rescaleGrad, clipGradient, settings, index, sums);
    }
}
