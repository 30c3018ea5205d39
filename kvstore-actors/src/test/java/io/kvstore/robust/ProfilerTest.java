package io.kvstore.robust;

import static io.kvstore.robust.Support.filled;
import static io.kvstore.robust.Support.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.KVStore;
import io.kvstore.Profiler;
import io.kvstore.Reason;
import io.kvstore.profile.Traces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.shade.jackson.databind.JsonNode;

/** The profiler of a store: its commands, its files, and what it refuses. */
class ProfilerTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void aTraceHasWhatHappenedBetweenRunAndStop(String type) {
        Path file = directory.resolve("profile.json");
        try (KVStore kv = open(type)) {
            Profiler profiler = kv.profiler();
            profiler.config(Map.of("filename", file.toString(), "max_events", 1000));
            kv.push("w", filled(1, 2, 3));
            kv.flush();
            profiler.state("run");
            kv.init("v", filled(1, 1));
            kv.push("w", List.of(filled(1, 2, 3), filled(1, 2, 3)));
            kv.pull(List.of("w", "v"));
            profiler.pause();
            kv.pull("w");
            profiler.resume();
            kv.pushPull("v", filled(5, 1));
            profiler.state("stop");
            kv.pull("w");
            assertThat(file).doesNotExist();
            profiler.dump();
        }
        JsonNode trace = Traces.of(file);
        assertThat(Traces.metadata(trace, "process_name", 0)).isEqualTo("kvstore " + type);
        assertThat(names(trace, "w")).containsExactly("push", "commit", "pull");
        assertThat(names(trace, "v")).containsExactly("init", "pull", "pushPull", "commit");
        JsonNode push = Traces.events(trace, "push").get(0);
        assertThat(push.get("args").get("bytes").intValue())
                .as("of the sum that the caller made")
                .isEqualTo(24);
        assertThat(push.get("args").get("version").intValue()).isEqualTo(2);
        assertThat(Traces.events(trace, "commit"))
                .extracting(event -> event.get("args").get("device").textValue().replaceAll("\\d", "n"))
                .containsOnly(type.equals("device") ? "cpu(n)" : "host");
        assertThat(trace.get("otherData").get("dropped").intValue()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void aRecordingThatIsDumpedGoesOnAndAConfigBeginsAnother(String type) {
        Path file = directory.resolve("profile.json");
        Path second = directory.resolve("second.json");
        try (KVStore kv = open(type)) {
            Profiler profiler = kv.profiler();
            profiler.config(Map.of("filename", file));
            profiler.state("run");
            for (int pulls = 1; pulls <= 3; pulls++) {
                kv.pull("w");
                kv.profiler().dump();
                assertThat(Traces.events(Traces.of(file))).hasSize(pulls);
            }
            profiler.state("stop");
            profiler.config(Map.of("filename", second, "max_events", 2));
            profiler.state("run");
            for (int i = 0; i < 5; i++) {
                kv.pull("w");
            }
            profiler.dump();
            assertThat(Traces.events(Traces.of(file))).hasSize(3);
            assertThat(Traces.events(Traces.of(second))).hasSize(2);
            assertThat(Traces.of(second).get("otherData").get("dropped").intValue())
                    .isEqualTo(3);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void eventsOfOneKeyLieInOrNextToEachOtherAndSayHowLongTheyWaited(String type) {
        Path file = directory.resolve("profile.json");
        CountDownLatch gate = new CountDownLatch(1);
        try (KVStore kv = open(type)) {
            kv.setUpdater((key, received, stored) -> {
                Support.await(gate);
                stored.addi(received);
            });
            kv.pull("w"); // the key has its updater now
            kv.profiler().config(Map.of("filename", file));
            kv.profiler().state("run");
            IntStream.range(0, 5).forEach(i -> kv.push("w", filled(1, 2, 3)));
            CompletableFuture<?> pull = kv.async().pull("w").toCompletableFuture();
            gate.countDown();
            Support.within(pull);
            kv.profiler().dump();
        }
        JsonNode trace = Traces.of(file);
        assertThat(names(trace, "w"))
                .containsExactly(
                        "push", "commit", "push", "commit", "push", "commit", "push", "commit", "push", "commit",
                        "pull");
        double pushEnd = 0;
        for (JsonNode event : Traces.events(trace)) {
            double start = event.get("ts").doubleValue();
            double end = start + event.get("dur").doubleValue();
            if (event.get("name").textValue().equals("commit")) {
                assertThat(end).isLessThanOrEqualTo(pushEnd + 0.001);
            } else {
                assertThat(start).isGreaterThanOrEqualTo(pushEnd - 0.001);
                pushEnd = end;
            }
        }
        if (type.equals("device")) {
            assertThat(Traces.events(trace, "push")
                            .get(4)
                            .get("args")
                            .get("waited_us")
                            .doubleValue())
                    .isPositive();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void whatIsWrongIsRefusedAndChangesNothing(String type) throws IOException {
        Path file = directory.resolve("profile.json");
        try (KVStore kv = open(type)) {
            Profiler profiler = kv.profiler();
            for (Runnable call : List.<Runnable>of(
                    profiler::dump,
                    profiler::pause,
                    profiler::resume,
                    () -> profiler.state("run"),
                    () -> profiler.state("stop"))) {
                assertThat(refused(Reason.INVALID_CONFIGURATION, call::run))
                        .hasMessage("the profiler was never configured; call its config first");
            }
            badConfigs(profiler);
            refused(Reason.INVALID_CONFIGURATION, profiler::dump);
            profiler.config(Map.of("filename", file));
            profiler.state("run");
            for (String state : Arrays.asList("Run", "", "pause", null)) {
                assertThat(refused(Reason.INVALID_ARGUMENT, () -> profiler.state(state)))
                        .hasMessage("the profiler's state is 'run' or 'stop', given '" + state + "'");
            }
            assertThat(refused(Reason.INVALID_CONFIGURATION, () -> profiler.config(Map.of())))
                    .hasMessageContaining("stop it");
            badConfigs(profiler);
            kv.pull("w");
            profiler.dump();
            assertThat(Traces.events(Traces.of(file))).hasSize(1);
        }
    }

    private static void badConfigs(Profiler profiler) {
        assertThat(refused(Reason.INVALID_ARGUMENT, () -> profiler.config(Map.of("profile_all", true))))
                .hasMessage("profiler config has no setting 'profile_all'; known are filename and max_events");
        for (Object name : Arrays.asList("", " ", 3, "a\0b", null)) {
            assertThat(refused(
                            Reason.INVALID_ARGUMENT, () -> profiler.config(Collections.singletonMap("filename", name))))
                    .hasMessageContaining("filename must be the name of a file, given " + name);
        }
        for (Object count : Arrays.asList(0, -1, 1L << 40, 0.5, "many", null)) {
            assertThat(refused(
                            Reason.INVALID_ARGUMENT,
                            () -> profiler.config(Collections.singletonMap("max_events", count))))
                    .hasMessageContaining("max_events must be a whole number from 1 to 100000000, given " + count);
        }
        refused(Reason.INVALID_ARGUMENT, () -> profiler.config(null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void aFileThatCannotBeWrittenIsRefusedAndTheRecordingKept(String type) throws IOException {
        Path nowhere = directory.resolve("later").resolve("profile.json");
        try (KVStore kv = open(type)) {
            kv.profiler().config(Map.of("filename", nowhere));
            kv.profiler().state("run");
            kv.pull("w");
            assertThat(refused(Reason.FILE_FAILED, () -> kv.profiler().dump()))
                    .hasMessageContainingAll(nowhere.toString(), "there is no directory");
            assertThat(directory).isEmptyDirectory();
            Files.createDirectory(nowhere.getParent());
            kv.profiler().dump();
        }
        assertThat(Traces.events(Traces.of(nowhere))).hasSize(1);
    }

    private static KVStore open(String type) {
        KVStore kv = KVStore.builder().type(type).devices(2).build();
        kv.init("w", filled(0, 2, 3));
        return kv;
    }

    /** The names of one key's events, in the order of their beginning. */
    private static List<String> names(JsonNode trace, String key) {
        return Traces.events(trace).stream()
                .filter(event -> event.get("args").get("key").textValue().equals(key))
                .map(event -> event.get("name").textValue())
                .toList();
    }
}
