package io.kvstore.cluster.link;

import static io.kvstore.cluster.link.Peers.Noting.next;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.actor.KeyReply;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A worker and a server with memory between them. */
@Timeout(120)
class IpcRoadTest {
    @TempDir
    static Path directory;

    private static final Nodes nodes = new Nodes();
    private static Endpoints worker;
    private static Endpoints server;
    private static NodeId at;
    private static Peers.Answering answering;

    private final Peers.Noting noting = new Peers.Noting();
    private final Channel channel = worker.open(noting);

    @BeforeAll
    static void start() throws Exception {
        String[] lines = {"kvstore.link.road = auto", "kvstore.link.ipc.directory = \"" + directory.resolve("ipc") + '"'
        };
        worker = Endpoints.get(nodes.start(lines));
        server = Endpoints.get(nodes.start(lines));
        at = server.self();
        answering = Peers.Answering.serve(
                server,
                () -> new KeyReply.Value(Samples.KEY, 0, 1, server.pool().copyOf(Samples.DENSE)));
        Peers.Noting noting = new Peers.Noting();
        Channel channel = worker.open(noting);
        channel.submit(at, Samples.pull("w", 0, channel.nextCall(), 0));
        next(noting.items);
        Ipc.awaitMemory(worker, at);
        Ipc.awaitMemory(server, worker.self());
    }

    @AfterAll
    static void stop() {
        nodes.close();
        assertThat(directory.resolve("ipc")).isEmptyDirectory();
    }

    @Test
    void aPullIsAnsweredWithTheValue() throws Exception {
        long call = channel.nextCall();
        channel.submit(at, Samples.pull("w", 0, call, 0));
        Item answer = next(noting.items);
        assertThat(answer.call()).isEqualTo(call);
        assertThat(answer.body()).isEqualTo(new Body.Answer(new KeyReply.Value(Samples.KEY, call, 1, Samples.DENSE)));
    }

    @Test
    void theDirectoryIsThisUsersAlone() throws Exception {
        assertThat(Files.getPosixFilePermissions(directory.resolve("ipc")))
                .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void floodsOfSmallItemsLoseNothing() throws Exception {
        int count = 200_000;
        for (int i = 0; i < count; i++) {
            channel.submit(at, Samples.pull("k" + i % 1000, 0, channel.nextCall(), i % 3));
        }
        long[] calls = new long[count];
        for (int i = 0; i < count; i++) {
            Item answer = next(noting.items);
            calls[i] = answer.call();
            ((KeyReply.Value) ((Body.Answer) answer.body()).reply()).value().release();
        }
        assertThat(LongStream.of(calls).distinct().count()).isEqualTo(count);
        assertThat(noting.lost).isEmpty();
        assertThat(answering.lost).hasValue(0);
        assertThat(worker.roads().throughMemory()).contains(at);
    }

    @Test
    void floodsOfSlicesLoseNothingAndTakeNoMoreMemoryThanTheWindow() throws Exception {
        int count = 2000;
        DenseTensor slice = DenseTensor.zeros(DType.FLOAT32, Shape.of(1 << 18));
        for (int i = 0; i < count; i++) {
            channel.submit(at, Samples.push("k" + i % 10, channel.nextCall(), slice));
        }
        long most = 0;
        for (int i = 0; i < count; i++) {
            assertThat(((Body.Answer) next(noting.items).body()).reply()).isInstanceOf(KeyReply.Done.class);
            most = Math.max(most, server.pool().liveBytes());
        }
        assertThat(most).isLessThanOrEqualTo(Roads.MEMORY_WINDOW + (1 << 20));
        assertThat(noting.lost).isEmpty();
        assertThat(answering.lost).hasValue(0);
        assertThat(worker.roads().throughMemory()).contains(at);
    }
}
