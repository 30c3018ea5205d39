package io.kvstore.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.kvstore.Key;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SchedulesTest {

    /** The rates that MXNet 1.9.1 gives for updates 1 to 13, base rate 0.1. */
    static Stream<Arguments> mxnetsRates() {
        Warmup linear = Warmup.linear(5, 0.01);
        return Stream.of(
                Arguments.of(
                        new FactorSchedule(3, 0.5, 0.03, Warmup.NONE),
                        new double[] {.1, .1, .1, .05, .05, .05, .03, .03, .03, .03, .03, .03, .03}),
                Arguments.of(
                        Schedule.factor(3, 0.5).withWarmup(linear),
                        new double[] {.028, .046, .064, .082, .05, .05, .025, .025, .025, .0125, .0125, .0125, .00625}),
                Arguments.of(
                        Schedule.factor(3, 0.5).withWarmup(Warmup.constant(5, 0.01)),
                        new double[] {.01, .01, .01, .01, .05, .05, .025, .025, .025, .0125, .0125, .0125, .00625}),
                Arguments.of(
                        Schedule.multiFactor(List.of(2L, 5L, 9L), 0.5),
                        new double[] {.1, .1, .05, .05, .05, .025, .025, .025, .025, .0125, .0125, .0125, .0125}),
                Arguments.of(
                        Schedule.poly(10, 2, 0),
                        new double[] {.081, .064, .049, .036, .025, .016, .009, .004, .001, 0, 0, 0, 0}),
                Arguments.of(
                        Schedule.poly(10, 2, 0.01).withWarmup(Warmup.linear(4, 0.02)),
                        new double[] {.04, .06, .08, .1, .0725, .05, .0325, .02, .0125, .01, .01, .01, .01}),
                Arguments.of(Schedule.cosine(10, 0.01), new double[] {
                    0.09779754323328192,
                    0.09140576474687263,
                    0.08145033635316129,
                    0.06890576474687264,
                    0.05500000000000001,
                    0.04109423525312737,
                    0.028549663646838717,
                    0.01859423525312737,
                    0.012202456766718092,
                    0.01,
                    0.01,
                    0.01,
                    0.01
                }),
                Arguments.of(Schedule.cosine(10, 0).withWarmup(Warmup.linear(4, 0.02)), new double[] {
                    .04, .06, .08, .1, 0.09330127018922195, .075, .05, .025, 0.006698729810778065, 0, 0, 0, 0
                }));
    }

    @ParameterizedTest
    @MethodSource
    void mxnetsRates(Schedule schedule, double[] expected) {
        for (int update = 1; update <= expected.length; update++) {
            assertThat(schedule.rate(0.1, update))
                    .as("%s at update %d", schedule, update)
                    .isCloseTo(expected[update - 1], within(1e-15));
        }
    }

    @Test
    void firstDropOfAFactorIsOneUpdateAfterItsStep() {
        Schedule schedule = Schedule.factor(1000, 0.5);
        assertThat(schedule.rate(1, 1000)).isEqualTo(1);
        assertThat(schedule.rate(1, 1001)).isEqualTo(0.5);
        assertThat(schedule.rate(1, 2000)).isEqualTo(0.5);
        assertThat(schedule.rate(1, 2001)).isEqualTo(0.25);
    }

    @Test
    void warmupReachesTheBaseRateAtItsLastStep() {
        Schedule schedule = Schedule.cosine(1000, 0).withWarmup(Warmup.linear(100, 0));
        assertThat(schedule.rate(0.5, 50)).isEqualTo(0.25);
        assertThat(schedule.rate(0.5, 100)).isEqualTo(0.5);
        assertThat(schedule.rate(0.5, 550)).isCloseTo(0.25, within(1e-15));
        assertThat(schedule.rate(0.5, 5000)).isZero();
    }

    @Test
    void rateDoesNotDependOnWhichCountsWereAskedBefore() {
        Schedule schedule = Schedule.poly(10, 2, 0.001);
        assertThat(schedule.rate(1, 500)).isEqualTo(0.001);
        assertThat(schedule.rate(1, 5)).isEqualTo(0.001 + 0.999 * 0.25);
    }

    @Test
    void hugeCountsTakeNoTimeAndStayInRange() {
        assertThat(Schedule.factor(1, 0.999999).rate(1, Long.MAX_VALUE)).isEqualTo(1e-8);
        assertThat(Schedule.factor(1, 1).rate(0.1, Long.MAX_VALUE)).isEqualTo(0.1);
        assertThat(Schedule.cosine(Long.MAX_VALUE, 0).rate(0.1, 1)).isEqualTo(0.1);
    }

    @Test
    void equalSchedulesAreEqualValues() {
        assertThat(Schedule.multiFactor(List.of(1L, 5L), 0.5).withWarmup(Warmup.linear(3, 0.1)))
                .isEqualTo(new MultiFactorSchedule(List.of(1L, 5L), 0.5, new Warmup(3, 0.1, Warmup.Mode.LINEAR)));
        assertThat(Schedule.factor(3, 0.5)).isNotEqualTo(Schedule.factor(4, 0.5));
    }

    @Test
    void stepSeesBaseRateScheduleAndMultiplier() {
        Optimizer optimizer = Optimizer.sgd()
                .learningRate(0.5)
                .schedule(Schedule.factor(2, 0.5))
                .beginNumUpdate(1)
                .lrMult("a", 0.1)
                .build();
        assertThat(optimizer.step(Key.of("b"), 1, 0, null).learningRate()).isEqualTo(0.5);
        assertThat(optimizer.step(Key.of("b"), 2, 0, null).learningRate()).isEqualTo(0.25);
        assertThat(optimizer.step(Key.of("a"), 2, 0, null).learningRate()).isEqualTo(0.025);
        assertThat(optimizer.step(Key.of("a"), 2, 0, null).rateRatio()).isEqualTo(0.5);
        assertThat(optimizer.step(Key.of("a"), 1, 0, null).rateRatio()).isEqualTo(1);
    }

    @Test
    void numbersOutOfRangeAreRefusedByName() {
        refused(() -> Schedule.factor(0, 0.5), "step must be 1 or greater, given 0");
        refused(() -> Schedule.factor(1, 1.5), "factor must be in [0, 1], given 1.5");
        refused(() -> Schedule.factor(1, Double.NaN), "factor must be in [0, 1], given NaN");
        refused(() -> new FactorSchedule(1, 1, -1, Warmup.NONE), "stop_factor_lr must be 0 or greater");
        refused(() -> Schedule.multiFactor(List.of(), 0.5), "step must list at least one");
        refused(() -> Schedule.multiFactor(List.of(0L), 0.5), "step must be 1 or greater, given 0");
        refused(() -> Schedule.multiFactor(List.of(3L, 3L), 0.5), "step must be strictly increasing, given [3, 3]");
        refused(() -> Schedule.poly(0, 2, 0), "max_update must be 1 or greater, given 0");
        refused(() -> Schedule.poly(5, -1, 0), "pwr must be 0 or greater and finite, given -1.0");
        refused(() -> Schedule.cosine(5, -1), "final_lr must be 0 or greater and finite, given -1.0");
        refused(
                () -> Schedule.cosine(5, 0).withWarmup(Warmup.linear(5, 0)),
                "max_update must be greater than warmup_steps 5, given 5");
        refused(() -> Schedule.factor(1, 1).withWarmup(null), "warmup must not be null");
        refused(() -> Warmup.linear(-1, 0), "warmup_steps must be 0 or greater, given -1");
        refused(() -> Warmup.linear(1, Double.POSITIVE_INFINITY), "warmup_begin_lr must be 0 or greater and finite");
    }

    private static void refused(ThrowingCallable call, String message) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(message);
    }
}
