package io.kvstore.examples.benchmarks.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.actor.KeyStateBenchmark;
import io.kvstore.optimizer.BuiltInRules;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Every benchmark runs with every parameter, in this JVM and only for a moment: what it measures here means nothing. */
class BenchmarksRunTest {
    private static final String IGNORE_LOCK = "jmh.ignoreLock"; // nothing is measured, so others may run

    @BeforeAll
    static void letOthersRun() {
        System.setProperty(IGNORE_LOCK, "true");
    }

    @AfterAll
    static void restore() {
        System.clearProperty(IGNORE_LOCK);
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                SumBenchmark.class,
                OptimizerBenchmark.class,
                CodecBenchmark.class,
                CastBenchmark.class,
                HeapOrDirectBenchmark.class,
                FrameBenchmark.class,
                KeyActorBenchmark.class,
                KeyStateBenchmark.class
            })
    void everyBenchmarkRuns(Class<?> benchmarks) throws RunnerException {
        Collection<RunResult> results = new Runner(new OptionsBuilder()
                        .include("\\." + benchmarks.getSimpleName() + "\\.")
                        .forks(0)
                        .warmupIterations(0)
                        .measurementIterations(1)
                        .measurementTime(TimeValue.milliseconds(1))
                        .shouldFailOnError(true)
                        .verbosity(VerboseMode.SILENT)
                        .build())
                .run();
        assertThat(names(results)).anyMatch(name -> name.startsWith("baseline"));
        assertThat(names(results)).anyMatch(name -> !name.startsWith("baseline"));
        assertThat(results).allMatch(result -> result.getPrimaryResult().getScore() > 0);
    }

    private static Collection<String> names(Collection<RunResult> results) {
        return results.stream()
                .map(result -> result.getPrimaryResult().getLabel())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void everyBuiltInOptimizerIsMeasured() throws NoSuchFieldException {
        List<String> measured = List.of(OptimizerBenchmark.Rule.class
                .getField("optimizer")
                .getAnnotation(Param.class)
                .value());
        assertThat(measured).containsExactlyElementsOf(BuiltInRules.names());
    }
}
