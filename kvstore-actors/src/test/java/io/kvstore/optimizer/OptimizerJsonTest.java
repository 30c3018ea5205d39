package io.kvstore.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvstore.KVStoreException;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class OptimizerJsonTest {

    static Stream<Optimizer> optimizersRoundTripExactly() {
        Warmup warmup = Warmup.constant(7, 1e-5);
        Stream<Optimizer> scheduled = Stream.of(
                        new FactorSchedule(3, 0.1, 1e-9, warmup),
                        Schedule.multiFactor(List.of(1L, 1L << 40), 0.3),
                        Schedule.poly(Long.MAX_VALUE, 1.5, 1e-7).withWarmup(Warmup.linear(9, 0.003)),
                        Schedule.cosine(1000, 0))
                .map(schedule ->
                        Optimizer.adam().learningRate(0.1).schedule(schedule).build());
        Optimizer odd = Optimizer.sgd()
                .learningRate(0.1 + 0.2)
                .wd(Double.MIN_VALUE)
                .rescaleGrad(-Double.MAX_VALUE)
                .clipGradient(5)
                .beginNumUpdate(1L << 53)
                .multiPrecision(true)
                .lazyUpdate(false)
                .lrMult("a.b \"c\" \\ \u00e9\u0000\ud83d\ude00 $x {", 0.1)
                .lrMult("12", 0)
                .wdMult("w", 1e300)
                .build();
        Stream<Optimizer> defaults = Rules.all(List.of()).keySet().stream()
                .map(name -> Optimizer.named(name).build());
        return Stream.of(scheduled, Stream.of(odd), defaults).flatMap(stream -> stream);
    }

    @ParameterizedTest
    @MethodSource
    void optimizersRoundTripExactly(Optimizer optimizer) {
        assertThat(Optimizer.fromJson(optimizer.toJson())).isEqualTo(optimizer);
    }

    @Test
    void randomNumbersRoundTripExactly() {
        Random random = new Random(5);
        for (int i = 0; i < 100; i++) {
            double rate = Double.longBitsToDouble(random.nextLong() & Long.MAX_VALUE);
            if (Double.isFinite(rate)) {
                Optimizer optimizer = Optimizer.sgd().learningRate(rate).build();
                assertThat(Optimizer.fromJson(optimizer.toJson())).isEqualTo(optimizer);
            }
        }
    }

    @Test
    void textIsReadable() {
        assertThat(Optimizer.sgd()
                        .momentum(0.9)
                        .schedule(Schedule.factor(100, 0.5))
                        .lrMult("bias", 2)
                        .build()
                        .toJson())
                .isEqualTo("""
                        {
                          "format": 1,
                          "name": "sgd",
                          "settings": {
                            "momentum": 0.9
                          },
                          "learning_rate": 0.01,
                          "wd": 0.0,
                          "rescale_grad": 1.0,
                          "clip_gradient": -1.0,
                          "begin_num_update": 0,
                          "multi_precision": false,
                          "lazy_update": true,
                          "lr_scheduler": {
                            "type": "factor",
                            "step": 100,
                            "factor": 0.5,
                            "stop_factor_lr": 1.0E-8,
                            "warmup_steps": 0,
                            "warmup_begin_lr": 0.0,
                            "warmup_mode": "linear"
                          },
                          "lr_mult": {
                            "bias": 2.0
                          },
                          "wd_mult": {}
                        }
                        """);
    }

    @Test
    void whatIsLeftOutHasItsDefault() {
        assertThat(Optimizer.fromJson("{\"format\": 1, \"name\": \"adam\"}"))
                .isEqualTo(Optimizer.adam().build());
        String scheduled =
                "{\"format\": 1, \"name\": \"sgd\", \"lr_scheduler\": {\"type\": \"poly\", \"max_update\": 9}}";
        assertThat(Optimizer.fromJson(scheduled))
                .isEqualTo(Optimizer.sgd().schedule(Schedule.poly(9, 2, 0)).build());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    {"name": "sgd"} | field format is missing
                    {"format": 2, "name": "sgd"} | format must be 1, given 2; it was written by a newer version
                    {"format": 1.5, "name": "sgd"} | field format must be a whole number, given 1.5
                    {"format": 1} | field name is missing
                    {"format": 1, "name": 3} | field name must be a string, given 3
                    {"format": 1, "name": "sdg"} | no optimizer is named 'sdg'
                    {"format": 1, "name": "sgd", "moment": 1} | unknown field moment
                    {"format": 1, "name": "sgd", "settings": 3} | field settings must be an object, given 3
                    {"format": 1, "name": "sgd", "settings": {"beta1": 1}} | there is no setting 'beta1'
                    {"format": 1, "name": "sgd", "settings": {"wd": 1}} | unknown field settings.wd
                    {"format": 1, "name": "sgd", "settings": {"momentum": "1"}} | momentum must be a number, given 1
                    {"format": 1, "name": "sgd", "settings": {"momentum": 2}} | momentum must be in [0, 1], given 2.0
                    {"format": 1, "name": "sgd", "wd": null} | field wd is missing or null
                    {"format": 1, "name": "sgd", "wd": 1e999} | wd must be a finite number, given Infinity
                    {"format": 1, "name": "sgd", "lr_mult": [1]} | lr_mult must be a map
                    {"format": 1, "name": "sgd", "lr_mult": {"a": "x"}} | lr_mult of 'a' must be a number, given x
                    {"format": 1, "name": "sgd", "lr_scheduler": {"type": "step"}} | type must be factor, multi_factor, poly or cosine, given step
                    {"format": 1, "name": "sgd", "lr_scheduler": {"type": "factor"}} | field lr_scheduler.step is missing
                    {"format": 1, "name": "sgd", "lr_scheduler": {"type": "factor", "step": 0}} | lr_scheduler: step must be 1 or greater
                    {"format": 1, "name": "sgd", "lr_scheduler": {"type": "factor", "step": 1, "pwr": 2}} | unknown field lr_scheduler.pwr
                    {"format": 1, "name": "sgd", "lr_scheduler": {"type": "multi_factor", "step": [1, "2"]}} | field lr_scheduler.step must be a whole number, given 2
                    {"format": 1, "name": "sgd", "lr_scheduler": {"type": "cosine", "max_update": 2, "warmup_mode": "x"}} | warmup_mode must be linear or constant, given x
                    {"format": 1, "name": "sgd"  | optimizer JSON: 1:
                    {"format": 1, "name": sgd} | optimizer JSON: 1:
                    {"format": 1, "name": "sgd"} {} | optimizer JSON: 1:
                    [1] | optimizer JSON
                    x | optimizer JSON: 1:
                    """)
    void badTextIsRefusedNamingPlaceOrField(String text, String message) {
        assertThatThrownBy(() -> Optimizer.fromJson(text))
                .isInstanceOf(KVStoreException.class)
                .hasMessageContaining(message);
    }

    @Test
    void emptyAndDeepTextsAreRefused() {
        assertThatThrownBy(() -> Optimizer.fromJson("")).isInstanceOf(KVStoreException.class);
        assertThatThrownBy(() -> Optimizer.fromJson("[".repeat(1_000_000)))
                .isInstanceOf(KVStoreException.class)
                .hasMessageContaining("nested at most 8 deep");
    }
}
