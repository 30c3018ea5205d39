package io.kvstore.examples.benchmarks.mxnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.kvstore.optimizer.Optimizer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Where an optimizer of this project does not do what MXNet's does, and why: each test shows both. */
@Tag("thorough")
class OptimizerDifferencesTest {
    private static final Map<String, Double> PLAIN = Map.of("wd", 0.0, "rescale_grad", 1.0, "clip_gradient", -1.0);

    @RegisterExtension
    static final Differential STORES = new Differential();

    private Both both;
    private MxOptimizer updater;

    @BeforeEach
    void open() {
        both = STORES.open("local");
    }

    @AfterEach
    void close() {
        both.close();
        if (updater != null) {
            updater.close();
        }
    }

    private void optimize(String name, MxRule rule, double lr, Map<String, Double> settings) {
        Map<String, Double> all = new HashMap<>(PLAIN);
        all.putAll(settings);
        updater = new MxOptimizer(rule, false, all, update -> lr, Map.of(), Map.of());
        both.theirs().setUpdater(updater);
        all.put("learning_rate", lr);
        both.ours().setOptimizer(Optimizer.of(name, all));
    }

    private double[] ours(String key) {
        return both.ours(key).doubles();
    }

    private double[] mxnets(String key) {
        return both.mxnets(key).doubles();
    }

    private static Sample one(double value) {
        return Sample.of(MxType.FLOAT32, new int[] {1}, value);
    }

    /**
     * MXNet takes an operator's settings as text, and reads one with an exponent, as Python writes small numbers, as the
     * number next to it in one case of eight.
     */
    @Test
    void usesTheNumbersItIsGiven() {
        double rate = IntStream.range(1, 1000)
                .mapToDouble(i -> (float) (1e-5 / i))
                .filter(x -> mxnetReads(Double.toString(x)) != (float) x)
                .findFirst()
                .orElseThrow();
        both.ours().setOptimizer(Optimizer.sgd().learningRate(rate).build());
        both.init("weight", one(0));
        both.ours().push("weight", one(-1).toNd());
        assertThat(ours("weight")[0]).isEqualTo(rate);
        assertThat(mxnetReads(Double.toString(rate)))
                .isNotEqualTo((float) rate)
                .isCloseTo((float) rate, within(Math.ulp((float) rate)));
    }

    /** By one step of SGD from 0, with the gradient -1 and the text as the rate. */
    private static float mxnetReads(String text) {
        try (MxArray weight = MxArray.of(new float[] {0});
                MxArray gradient = MxArray.of(new float[] {-1})) {
            MxOps.invoke("sgd_update", List.of(weight, gradient), List.of(weight), Map.of("lr", text));
            return weight.toFloats()[0];
        }
    }

    /** The variance {@code n - q^2} of equal gradients is 0, or just below by rounding: MXNet takes its root all the same. */
    @Test
    void staysANumberWhereTheVarianceOfCenteredRmsPropVanishes() {
        optimize(
                "rmsprop",
                MxRules.centeredRmsProp(),
                0.01,
                Map.of("gamma1", 0.75, "gamma2", 0.5, "epsilon", 1e-12, "centered", 1.0, "clip_weights", -1.0));
        Sample gradient = Sample.random(new Random(1), MxType.FLOAT32, 100);
        both.init("weight", gradient);
        for (int i = 0; i < 100; i++) {
            both.push("weight", gradient);
        }
        assertThat(mxnets("weight")).contains(Double.NaN);
        assertThat(Arrays.stream(ours("weight"))).allMatch(Double::isFinite);
    }

    /** A weight whose gradients were all 0, such as an unused row, becomes NaN in MXNet: 0 / 0. */
    @Test
    void keepsAWeightThatAdamaxHasSeenNoGradientOf() {
        optimize("adamax", MxComposedRules.adamax(), 0.002, Map.of("beta1", 0.9, "beta2", 0.999));
        both.init("weight", one(1));
        both.push("weight", one(0));
        assertThat(mxnets("weight")[0]).isNaN();
        assertThat(ours("weight")[0]).isEqualTo(1);
    }

    /** A rate of 0, the start of many a warm-up, divides 0 by 0 in MXNet. Here it changes nothing. */
    @Test
    void keepsAWeightWhereTheRateOfFtrlIsZero() {
        optimize("ftrl", MxRules.ftrl(), 0, Map.of("lamda1", 0.01, "beta", 1.0));
        both.init("weight", one(1));
        both.push("weight", one(0));
        assertThat(mxnets("weight")[0]).isNaN();
        assertThat(ours("weight")[0]).isEqualTo(1);
    }

    /** MXNet's sign of NaN is 0: a broken gradient goes unseen. Here it shows. */
    @Test
    void showsABrokenGradientThroughSignum() {
        optimize("signum", MxRules.signum(), 0.01, Map.of("momentum", 0.9, "wd_lh", 0.0));
        both.init("weight", one(1));
        both.push("weight", one(Double.NaN));
        assertThat(mxnets("weight")[0]).isEqualTo(1);
        assertThat(ours("weight")[0]).isNaN();
    }

    /**
     * MXNet's Nadam multiplies one product of momenta for all keys, at every update of any of them: what a key becomes
     * depends on the others. Here a product belongs to its key.
     */
    @Test
    void updatesOneKeyWithNadamWhateverHappensToAnother() {
        Map<String, Double> settings = Map.of("beta1", 0.9, "beta2", 0.999, "epsilon", 1e-8, "schedule_decay", 0.004);
        optimize("nadam", MxComposedRules.nadam(), 0.01, settings);
        for (String key : List.of("first", "second")) {
            both.init(key, one(1));
            both.push(key, one(0.5));
        }
        assertThat(ours("first")).isEqualTo(ours("second")).isEqualTo(mxnets("first"));
        assertThat(mxnets("second")).isNotEqualTo(ours("second"));
    }

    /**
     * Without a float32 copy of the weight MXNet rounds every single operation to float16, this store the whole update
     * once: nearer to the true sum, and never more than a few units away from MXNet's.
     */
    @Test
    void roundsAFloat16WeightOnceAnUpdate() {
        optimize("sgd", MxRules.sgd("sgd_mom_update"), 0.1, Map.of("momentum", 0.9, "wd", 0.01));
        Random random = new Random(7);
        Sample weight = Sample.random(random, MxType.FLOAT16, 1000);
        Sample gradient = Sample.random(random, MxType.FLOAT16, 1000);
        both.init("weight", weight);
        both.push("weight", gradient);
        double[] mxnets = mxnets("weight");
        double[] ours = ours("weight");
        double mxnetsError = 0;
        double ourError = 0;
        for (int i = 0; i < ours.length; i++) {
            double exact = weight.doubles()[i] * (1 - 0.1 * 0.01) - 0.1 * gradient.doubles()[i];
            ourError += Math.abs(ours[i] - exact);
            mxnetsError += Math.abs(mxnets[i] - exact);
            assertThat(ours[i]).isCloseTo(mxnets[i], within(3 * 0x1p-10));
        }
        assertThat(ours).isNotEqualTo(mxnets);
        assertThat(ourError).isLessThan(mxnetsError);
    }

    /**
     * MXNet's LAMB for one float16 weight never writes the float32 copy, so that every update starts from the first weight;
     * its operator for many weights does, as this store does.
     */
    @Test
    void advancesTheFloat32CopyOfALambWeight() {
        Map<String, Double> settings = Map.of(
                "beta1",
                0.9,
                "beta2",
                0.999,
                "epsilon",
                1e-6,
                "lower_bound",
                -1.0,
                "upper_bound",
                -1.0,
                "bias_correction",
                1.0);
        optimize("lamb", MxRules.lamb("mp_lamb_update_phase1"), 0.125, settings);
        both.ours()
                .setOptimizer(Optimizer.named("lamb")
                        .learningRate(0.125)
                        .multiPrecision(true)
                        .build());
        Sample one = Sample.of(MxType.FLOAT16, new int[] {1}, 1);
        both.init("weight", one);
        both.push("weight", one);
        assertThat(ours("weight")).isEqualTo(mxnets("weight")).containsExactly(0.875);
        both.push("weight", one);
        assertThat(mxnets("weight")).containsExactly(0.875);
        assertThat(ours("weight")).containsExactly(0.875 - 0.125 * 0.875);
    }
}
