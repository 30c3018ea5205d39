package io.kvstore.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class OptimizerTest {

    static Stream<Arguments> defaultsAreMxnets() {
        return Stream.of(
                Arguments.of("adadelta", 0.01, Map.of("rho", 0.9, "epsilon", 1e-5)),
                Arguments.of("adagrad", 0.01, Map.of("eps", 1e-7)),
                Arguments.of("adam", 0.001, Map.of("beta1", 0.9, "beta2", 0.999, "epsilon", 1e-8)),
                Arguments.of("adamax", 0.002, Map.of("beta1", 0.9, "beta2", 0.999)),
                Arguments.of(
                        "adamw", 0.001, Map.of("beta1", 0.9, "beta2", 0.999, "epsilon", 1e-6, "correct_bias", 1.0)),
                Arguments.of("dcasgd", 0.01, Map.of("momentum", 0.0, "lamda", 0.04)),
                Arguments.of("ftml", 0.01, Map.of("beta1", 0.6, "beta2", 0.999, "epsilon", 1e-8)),
                Arguments.of("ftrl", 0.1, Map.of("lamda1", 0.01, "beta", 1.0)),
                Arguments.of(
                        "lamb",
                        0.001,
                        Map.of(
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
                                1.0)),
                Arguments.of(
                        "lars", 0.01, Map.of("momentum", 0.0, "eta", 0.001, "eps", 0.0, "momentum_correction", 1.0)),
                Arguments.of(
                        "nadam", 0.001, Map.of("beta1", 0.9, "beta2", 0.999, "epsilon", 1e-8, "schedule_decay", 0.004)),
                Arguments.of("nag", 0.01, Map.of("momentum", 0.0)),
                Arguments.of(
                        "rmsprop",
                        0.001,
                        Map.of("gamma1", 0.9, "gamma2", 0.9, "epsilon", 1e-8, "centered", 0.0, "clip_weights", -1.0)),
                Arguments.of("sgd", 0.01, Map.of("momentum", 0.0)),
                Arguments.of("sgld", 0.01, Map.of("seed", 0.0)),
                Arguments.of("signum", 0.01, Map.of("momentum", 0.9, "wd_lh", 0.0)),
                Arguments.of("test", 0.01, Map.of()));
    }

    @ParameterizedTest
    @MethodSource
    void defaultsAreMxnets(String name, double learningRate, Map<String, Double> own) {
        Optimizer optimizer = Optimizer.named(name).build();
        assertThat(optimizer.name()).isEqualTo(name);
        assertThat(optimizer.isBuiltIn()).isTrue();
        assertThat(optimizer.settings().asMap()).isEqualTo(own);
        assertThat(optimizer.common())
                .isEqualTo(new Common(learningRate, 0, 1, -1, 0, false, true, null, Map.of(), Map.of()));
    }

    @Test
    void defaultsOfEveryRuleAreListed() {
        List<String> listed = new ArrayList<>();
        defaultsAreMxnets().forEach(arguments -> listed.add((String) arguments.get()[0]));
        assertThat(listed).containsExactlyElementsOf(Rules.all(List.of()).keySet());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    adadelta | rho             | 1
                    adadelta | epsilon         | 0
                    adagrad  | eps             | 0
                    adam     | beta1           | 1
                    adam     | beta1           | -0.1
                    adam     | beta2           | 0.99999999999
                    adam     | epsilon         | 1e-60
                    adamax   | beta1           | 1
                    adamax   | beta2           | 2
                    adamw    | beta1           | 1
                    adamw    | beta2           | 1
                    adamw    | epsilon         | -1
                    adamw    | correct_bias    | 2
                    dcasgd   | momentum        | 1.1
                    dcasgd   | lamda           | -1
                    ftml     | beta1           | 1
                    ftml     | beta2           | 1
                    ftml     | epsilon         | 0
                    ftrl     | lamda1          | -1
                    ftrl     | beta            | 0
                    lamb     | beta1           | 1
                    lamb     | beta2           | 1
                    lamb     | epsilon         | 0
                    lamb     | bias_correction | 0.5
                    lars     | momentum        | -1
                    lars     | eta             | -1
                    lars     | eps             | -1
                    lars     | momentum_correction | 3
                    nadam    | beta1           | 1
                    nadam    | beta2           | 1
                    nadam    | epsilon         | 0
                    nadam    | schedule_decay  | -1
                    nag      | momentum        | 2
                    rmsprop  | gamma1          | 1
                    rmsprop  | gamma2          | -1
                    rmsprop  | epsilon         | 0
                    rmsprop  | centered        | 2
                    sgd      | momentum        | -0.5
                    sgld     | seed            | 0.5
                    signum   | momentum        | 2
                    signum   | wd_lh           | -1
                    sgd      | learning_rate   | -1
                    sgd      | wd              | -1
                    sgd      | begin_num_update | -1
                    sgd      | begin_num_update | 0.5
                    sgd      | multi_precision | 2
                    sgd      | lazy_update     | -1
                    sgd      | learning_rate   | NaN
                    sgd      | rescale_grad    | Infinity
                    sgd      | momentum        | NaN
                    """)
    void settingsOutOfRangeAreRefusedByName(String rule, String setting, double value) {
        assertThatThrownBy(() -> Optimizer.of(rule, Map.of(setting, value)))
                .isInstanceOf(KVStoreException.class)
                .hasMessageContaining("optimizer '" + rule + "': " + setting + " must be ")
                .hasMessageContaining("given " + value)
                .extracting(e -> ((KVStoreException) e).reason())
                .isEqualTo(Reason.INVALID_ARGUMENT);
    }

    @Test
    void settingsThatDoNotFitTogetherAreRefused() {
        refused(
                "optimizer 'signum': wd_lh must be 0 without momentum, given 0.1",
                () -> Optimizer.of("signum", Map.of("momentum", 0, "wd_lh", 0.1)));
        refused(
                "optimizer 'lamb': lower_bound must not be greater than upper_bound, given 2.0 and 1.0",
                () -> Optimizer.of("lamb", Map.of("lower_bound", 2, "upper_bound", 1)));
        refused(
                "optimizer 'sgd': warmup_begin_lr must not be greater than learning_rate 0.01, given 0.5",
                () -> Optimizer.sgd()
                        .schedule(Schedule.factor(1, 1).withWarmup(Warmup.linear(5, 0.5)))
                        .build());
    }

    @Test
    void unknownSettingsAndWrongTypesAreRefused() {
        refused(
                "optimizer 'sgd': there is no setting 'momentun'; known are [momentum] and the common [learning_rate",
                () -> Optimizer.of("sgd", Map.of("momentun", 0.9)));
        refused(
                "optimizer 'sgd': momentum must be a number, given high",
                () -> Optimizer.of("sgd", Map.of("momentum", "high")));
        refused("lr_mult must be a map", () -> Optimizer.of("sgd", Map.of("lr_mult", 2)));
        refused(
                "wd_mult of 'bias' must be 0 or greater, given -1",
                () -> Optimizer.of("sgd", Map.of("wd_mult", Map.of("bias", -1))));
        refused("lr_scheduler must be a Schedule, given 1", () -> Optimizer.of("sgd", Map.of("lr_scheduler", 1)));
        Map<String, Object> withNull = new HashMap<>();
        withNull.put("wd", null);
        refused("wd must be a number, given null", () -> Optimizer.of("sgd", withNull));
    }

    @Test
    void unknownRuleNamesTheKnownOnes() {
        refused("no optimizer is named 'sdg'; known are [adadelta, adagrad, adam,", () -> Optimizer.named("sdg"));
    }

    @Test
    void builderAndMapGiveEqualOptimizers() {
        Schedule schedule = Schedule.cosine(100, 0.001);
        Optimizer built = Optimizer.sgd()
                .learningRate(0.05)
                .momentum(0.9)
                .wd(1e-4)
                .rescaleGrad(1 / 32.0)
                .clipGradient(5)
                .beginNumUpdate(10)
                .multiPrecision(true)
                .lazyUpdate(false)
                .schedule(schedule)
                .lrMult("w", 0.5)
                .wdMult("b", 0)
                .build();
        Optimizer mapped = Optimizer.of(
                "SGD",
                Map.ofEntries(
                        Map.entry("learning_rate", 0.05),
                        Map.entry("momentum", 0.9),
                        Map.entry("wd", 1e-4),
                        Map.entry("rescale_grad", 1 / 32.0),
                        Map.entry("clip_gradient", 5),
                        Map.entry("begin_num_update", 10L),
                        Map.entry("multi_precision", true),
                        Map.entry("lazy_update", 0),
                        Map.entry("lr_scheduler", schedule),
                        Map.entry("lr_mult", Map.of("w", 0.5)),
                        Map.entry("wd_mult", Map.of("b", 0))));
        assertThat(mapped).isEqualTo(built).hasSameHashCodeAs(built);
        assertThat(built.toBuilder().build()).isEqualTo(built);
        assertThat(built.toBuilder().momentum(0.8).build()).isNotEqualTo(built);
        assertThat(built.toBuilder().lrMult("v", 0.5).build()).isNotEqualTo(built);
        assertThat(built.toBuilder().schedule(null).build()).isNotEqualTo(built);
        assertThat(built.schedule()).contains(schedule);
    }

    @Test
    void builderGoesOnWithoutChangingWhatItBuilt() {
        Optimizer.Builder builder = Optimizer.sgd().lrMult("a", 2);
        Optimizer first = builder.build();
        builder.lrMult("b", 3).momentum(0.9);
        assertThat(first).isEqualTo(Optimizer.sgd().lrMult("a", 2).build());
    }

    @Test
    void multipliersKnowIntegerKeysByTheirNumber() {
        Optimizer optimizer = Optimizer.sgd()
                .learningRate(1)
                .wd(1)
                .lrMult("3", 0.5)
                .wdMult("3", 0.25)
                .build();
        assertThat(optimizer.step(Key.of(3), 1, 0, null).learningRate()).isEqualTo(0.5);
        assertThat(optimizer.step(Key.of(3), 1, 0, null).wd()).isEqualTo(0.25);
        assertThat(optimizer.step(Key.of("4"), 1, 0, null).wd()).isEqualTo(1);
    }

    @Test
    void stateSurvivesOtherNumbersButNotAnotherLayout() {
        Optimizer momentum = Optimizer.sgd().momentum(0.9).build();
        assertThat(momentum.sameStateAs(
                        Optimizer.sgd().momentum(0.5).learningRate(3).wd(1).build()))
                .isTrue();
        assertThat(momentum.sameStateAs(Optimizer.sgd().build())).isFalse();
        assertThat(momentum.sameStateAs(Optimizer.named("nag").momentum(0.9).build()))
                .isFalse();
        assertThat(momentum.sameStateAs(
                        momentum.toBuilder().multiPrecision(true).build()))
                .isFalse();
    }

    private static void refused(String message, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(KVStoreException.class).hasMessageContaining(message);
    }
}
