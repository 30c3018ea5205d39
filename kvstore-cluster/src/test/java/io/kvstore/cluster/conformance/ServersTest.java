package io.kvstore.cluster.conformance;

import static io.kvstore.cluster.conformance.Values.BIG;
import static io.kvstore.cluster.conformance.Values.S23;
import static io.kvstore.cluster.conformance.Values.filled;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvstore.KVStoreException;
import io.kvstore.Profiler;
import io.kvstore.Reason;
import io.kvstore.cluster.TestServers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/** What workers have the servers do: commands for the user's controller, and profiling. */
class ServersTest {
    private record Command(int server, int head, String body) {}

    private static final int FAILING = 13;
    private static final List<Command> commands = new CopyOnWriteArrayList<>();
    private static TestServers servers;

    @TempDir
    private Path directory;

    @BeforeAll
    static void start() {
        servers = TestServers.start(3, "", server -> (head, body) -> {
            commands.add(new Command(server, head, body));
            if (head == FAILING && server > 0) {
                throw new IllegalStateException("server " + server + " does not like " + body);
            }
        });
    }

    @AfterAll
    static void stop() {
        servers.close();
    }

    @Test
    void L06_aCommandReachesTheControllerOfEachServerOnceBeforeItReturns() {
        try (Workers workers = Workers.of(servers, "dist_sync", 2, "")) {
            workers.all(kv -> {
                String body = "from " + kv.rank();
                for (int head = 0; head < 5; head++) {
                    kv.sendCommandToServers(head, body);
                    int sent = head;
                    assertThat(commands.stream().filter(each -> each.body.equals(body) && each.head == sent))
                            .extracting(Command::server)
                            .containsExactlyInAnyOrder(0, 1, 2);
                }
                return null;
            });
        }
    }

    @Test
    void L06_everyServerWhoseControllerFailsIsNamed() {
        try (Workers workers = Workers.of(servers, "dist_async", 1, "")) {
            assertThatThrownBy(() -> workers.store(0).sendCommandToServers(FAILING, "tea"))
                    .isInstanceOfSatisfying(
                            KVStoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CONTROLLER_FAILED))
                    .hasMessageContaining(servers.servers().get(1).address().uri() + ": server 1 does not like tea")
                    .hasMessageContaining(servers.servers().get(2).address().uri() + ": server 2 does not like tea")
                    .hasMessageNotContaining(servers.servers().get(0).address().uri());
            workers.store(0).sendCommandToServers(1, "then");
        }
    }

    @Test
    void L05_eachServersTraceIsWrittenWhereTheWorkerIs() throws IOException {
        Path file = directory.resolve("profile.json");
        try (Workers workers = Workers.of(servers, "dist_sync", 2, "")) {
            workers.all(kv -> {
                kv.init("big", filled(0, BIG));
                Profiler profiler = kv.profiler();
                if (kv.rank() == 0) {
                    profiler.config(Map.of("filename", file.toString()));
                    profiler.state("run");
                }
                kv.barrier();
                for (int round = 0; round < 3; round++) {
                    kv.push("big", filled(1, BIG));
                    kv.pull("big");
                }
                kv.barrier();
                if (kv.rank() == 0) {
                    profiler.state("stop");
                    profiler.dump();
                }
                return null;
            });
        }
        assertThat(names()).containsExactly("rank0_profile.json", "rank1_profile.json", "rank2_profile.json");
        int pushes = 0;
        for (String name : names()) {
            List<String> events = events(directory.resolve(name));
            assertThat(events).contains("push", "pull", "commit");
            pushes += (int) events.stream().filter("push"::equals).count();
        }
        int slices = 6; // of 1 MiB, in 1200 x 1200 floats
        assertThat(pushes).isEqualTo(2 * 3 * slices);
    }

    @Test
    void whatHappensInAPauseIsNotInTheTrace() throws IOException {
        try (Workers workers = Workers.of(servers, "dist_sync", 1, "")) {
            workers.all(kv -> {
                kv.init("w", filled(0, S23));
                Profiler profiler = kv.profiler();
                profiler.config(Map.of("filename", directory.resolve("paused.json")));
                profiler.state("run");
                profiler.pause();
                kv.push("w", filled(1, S23));
                kv.flush();
                profiler.resume();
                kv.pull("w");
                profiler.dump();
                return null;
            });
        }
        List<String> all = new ArrayList<>();
        for (String name : names()) {
            all.addAll(events(directory.resolve(name)));
        }
        assertThat(all).containsExactly("pull");
    }

    @Test
    void aProfilerThatWasNotConfiguredIsRefusedByEveryServer() {
        try (Workers workers = Workers.of(servers, "dist_sync", 1, "")) {
            Profiler profiler = workers.store(0).profiler();
            assertThatThrownBy(() -> profiler.state("run"))
                    .isInstanceOfSatisfying(
                            KVStoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID_CONFIGURATION))
                    .satisfies(e -> servers.servers()
                            .forEach(server -> assertThat(e)
                                    .hasMessageContaining(server.address().uri() + ": the profiler was never")));
            assertThatThrownBy(profiler::dump).hasMessageContaining("call config");
            assertThatThrownBy(() -> profiler.config(Map.of("file", "x"))).hasMessageContaining("filename");
            assertThatThrownBy(() -> profiler.state("walk")).hasMessageContaining("'walk'");
        }
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    /** The names of the complete events of a trace. */
    private static List<String> events(Path file) throws IOException {
        List<String> events = new ArrayList<>();
        for (JsonNode event : new ObjectMapper().readTree(file.toFile()).get("traceEvents")) {
            if (event.get("ph").textValue().equals("X")) {
                events.add(event.get("name").textValue());
            }
        }
        return events;
    }
}
