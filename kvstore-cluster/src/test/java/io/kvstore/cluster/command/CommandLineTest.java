package io.kvstore.cluster.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.kvstore.cluster.ServerAddress;
import io.kvstore.cluster.TestServers;
import io.kvstore.cluster.conformance.Values;
import io.kvstore.cluster.conformance.Workers;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;

class CommandLineTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int kvstore(String... arguments) {
        return Main.execute(new PrintStream(out, true), new PrintStream(err, true), arguments);
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"server", "launch", "status", "doctor"})
    void everyCommandHasHelpWithItsExitCodes(String command) {
        assertThat(kvstore("--help")).isZero();
        assertThat(out()).contains(command);
        assertThat(kvstore(command, "--help")).isZero();
        assertThat(out()).contains("Usage: kvstore " + command, "Exit codes: 0 ");
        assertThat(out().lines()).allMatch(line -> line.length() <= 120);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "launch -n 0 -s 1 -- x | --workers: a number from 1 to 1000 expected, given 0",
                "launch -n 1 -s 1001 -- x | --servers: a number from 1 to 1000 expected, given 1001",
                "launch -n 1 -- x | --servers",
                "launch -n 1 -s 1 | COMMAND",
                "launch -n 1 -s 1 --set rounds.order=random -- x | kvstore.rounds.order must be one of worker, arrival",
                "server --port many | --port",
                "server --port 70000 | kvstore.server.port must be from 0 to 65535, given 70000",
                "server --host 0.0.0.0 | stands for all addresses of this machine",
                "server --host 198.51.100.7 | without TLS",
                "server --seed nowhere | given 'nowhere'",
                "server --conf /no/such/file.conf | /no/such/file.conf",
                "status --seed x:0 | given 'x:0'",
                "server --set slice-byte=3MiB | there is no setting kvstore.slice-byte;",
                "server --conf ../conf/tls.conf | key-store node.p12 cannot be read: java.nio.file.NoSuchFileException",
                "status --conf ../conf/tls.conf | key-store node.p12 cannot be read",
                "launch -n 1 -s 1 --conf ../conf/tls.conf -- true | key-store node.p12 cannot be read",
                "fly | fly"
            })
    void wrongOptionIsOneLineAndExitCodeTwo(String line, String message) {
        assertThat(kvstore(line.split(" "))).as(err()).isEqualTo(2);
        assertThat(err()).contains(message).startsWith("kvstore");
        assertThat(err().strip().lines()).hasSize(1);
        assertThat(out()).isEmpty();
    }

    @Test
    void statusOfNobodyNamesTheAddressAndTheDoctor() {
        assertThat(kvstore("status", "--seed", "127.0.0.1:1", "--timeout", "1")).isEqualTo(1);
        assertThat(err()).contains("127.0.0.1:1", "1000 ms", "kvstore doctor");
    }

    @Test
    void statusAndDoctorReachRunningServers() {
        try (TestServers servers = TestServers.start(2, "")) {
            String seed = servers.seedNode();

            assertThat(kvstore("status", "--seed", "127.0.0.1:1," + seed, "--timeout", "10"))
                    .as(err())
                    .isZero();
            servers.servers()
                    .forEach(server -> assertThat(out())
                            .containsPattern("\n" + server.address() + "  Up +kvstore-server .* unpackaged"));
            assertThat(out()).contains("coordinator", "no store has a key or a worker here");

            out.reset();
            assertThat(kvstore("status", "--json", "--seed", seed)).as(err()).isZero();
            Config json = ConfigFactory.parseString(out());
            assertThat(json.getConfigList("members")).hasSize(2);
            assertThat(json.getConfigList("servers")).hasSize(2);

            out.reset();
            assertThat(kvstore("doctor", "--seed", seed)).as(out()).isZero();
            assertThat(out())
                    .contains(
                            "ok    reach",
                            "ok    server     " + seed,
                            "ok    clock",
                            "ok    frame      1.1 MiB went to " + seed);
        }
    }

    @Test
    void statusTellsOfKeysRoundsWorkersAndWhoIsWaitedFor() {
        try (TestServers servers = TestServers.start(2, "");
                Workers workers = Workers.named(servers, "watched", "dist_sync", 2, "")) {
            workers.all(kv -> {
                kv.init("w", Values.filled(1, 1000));
                kv.push("w", Values.filled(2, 1000));
                return kv.pull("w");
            });
            Future<INDArray> waiting = workers.start(1, kv -> {
                kv.push("w", Values.filled(3, 1000));
                return kv.pull("w");
            });

            Config store = awaitWait(servers.seedNode());

            assertThat(store.getString("store")).isEqualTo("watched");
            assertThat(store.getString("mode")).isEqualTo("sync");
            assertThat(store.getLong("keys")).isEqualTo(1);
            assertThat(store.getLong("bytes")).isEqualTo(4000);
            assertThat(store.getLong("rounds")).isEqualTo(1);
            assertThat(store.getConfigList("workers"))
                    .extracting(each -> each.getInt("rank") + " " + each.getString("name"))
                    .containsExactly("0 worker-0", "1 worker-1");
            assertThat(store.getStringList("waits"))
                    .anySatisfy(
                            wait -> assertThat(wait).contains("'w'", "round 2 waits for worker 'worker-0' (rank 0)"));
            Workers.get(workers.start(0, kv -> {
                kv.push("w", Values.filled(4, 1000));
                return null;
            }));
            Values.assertFilled(Workers.get(waiting), 7);
        }
    }

    /** The only store's status, once something waits there. */
    private Config awaitWait(String seed) {
        long until = System.nanoTime() + TestServers.PATIENCE.toNanos();
        do {
            out.reset();
            assertThat(kvstore("status", "--json", "--seed", seed)).as(err()).isZero();
            Config store =
                    ConfigFactory.parseString(out()).getConfigList("stores").get(0);
            if (!store.getStringList("waits").isEmpty()) {
                return store;
            }
        } while (System.nanoTime() < until);
        throw new AssertionError("nothing waits: " + out());
    }

    @Test
    void doctorWithoutServersSendsAFrameWithinThisMachine() {
        assertThat(kvstore("doctor", "--set", "server.port=0", "--set", "slice-bytes=3MiB"))
                .as(out())
                .isZero();
        assertThat(out()).contains("ok    java", "ok    port", "ok    tls        off", "backend    ND4J with");
        assertThat(out()).contains("threads    ", "shm        ", "ok    frame      3.1 MiB went to 127.0.0.1:");
        assertThat(out()).doesNotContain("fail");
    }

    @Test
    void doctorFailsWhenAServerCannotBeReached() {
        assertThat(kvstore("doctor", "--seed", "127.0.0.1:1")).isEqualTo(1);
        assertThat(out()).contains("fail  reach      nothing can be reached at 127.0.0.1:1", "-> ");
    }

    @Test
    void doctorTriesNoConnectionWithTlsFilesThatAreMissing() {
        assertThat(kvstore("doctor", "--conf", "../conf/tls.conf", "--set", "server.port=0"))
                .isEqualTo(1);
        assertThat(out())
                .contains(
                        "fail  tls        node.p12 cannot be read",
                        "warn  reach      not tried, as TLS does not work here");
        assertThat(err()).isEmpty();
    }

    @Test
    void optionsWinOverTheFileAndTheFileOverDefaults(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(
                folder.resolve("own.conf"), "kvstore { slice-bytes = 2 MiB, number-of-shards = 10, p3 = maybe }");

        assertThat(kvstore("doctor", "--conf", file.toString())).isEqualTo(2);
        assertThat(err()).contains("p3");
        assertThat(kvstore("doctor", "--conf", file.toString(), "--set", "p3=on", "--set", "server.port=0"))
                .isZero();
        assertThat(out()).contains("2.1 MiB went to");

        Path later = Files.writeString(
                folder.resolve("later.conf"), "kvstore { slice-bytes = 4 MiB, p3 = on, server.port = 0 }");
        assertThat(kvstore("doctor", "--conf", file.toString(), "--conf", later.toString()))
                .isZero();
        assertThat(out()).contains("4.1 MiB went to");
    }

    @Test
    void eventsOfAServerAreReadBackAndOtherLinesAreNot() {
        ByteArrayOutputStream told = new ByteArrayOutputStream();
        ServerEvents events = new ServerEvents(new java.io.PrintWriter(told, true), true);
        ServerAddress address = ServerAddress.parse("127.0.0.1:4711");
        events.listening(address, 2);
        events.ready(address);

        List<String> lines = told.toString(StandardCharsets.UTF_8).lines().toList();
        assertThat(lines.stream().map(ServerEvents::read).map(event -> event.orElseThrow()))
                .containsExactly(
                        new ServerEvents.Event("listening", "127.0.0.1:4711"),
                        new ServerEvents.Event("ready", "127.0.0.1:4711"));
        assertThat(ServerEvents.read("ready")).isEmpty();
        assertThat(ServerEvents.read("{\"event\":1}")).isEmpty();
        assertThat(ServerEvents.read("{\"event\" ")).isEmpty();
    }
}
