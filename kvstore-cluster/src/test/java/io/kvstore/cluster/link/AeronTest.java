package io.kvstore.cluster.link;

import static io.kvstore.cluster.link.Peers.Noting.next;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.actor.KeyReply;
import io.kvstore.cluster.ServerAddress;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Nodes under conf/aeron.conf. */
@Timeout(120)
class AeronTest {
    @TempDir
    Path directory;

    private String[] aeron(String name) {
        return new String[] {
            "include required(file(\"" + Path.of("..", "conf", "aeron.conf").toAbsolutePath() + "\"))",
            "akka.remote.artery.advanced.aeron.aeron-dir = \"" + directory.resolve(name) + "\"",
            "kvstore.slice-bytes = 32 KiB"
        };
    }

    @Test
    void valuesTravelByAeronToo() throws Exception {
        try (Nodes nodes = new Nodes()) {
            Endpoints worker = Endpoints.get(nodes.start(aeron("worker")));
            Endpoints server = Endpoints.get(nodes.start(aeron("server")));
            NodeId at = server.self();
            Peers.Answering.serve(
                    server,
                    () -> new KeyReply.Value(Samples.KEY, 0, 1, server.pool().copyOf(Samples.DENSE)));
            worker.connect(new ServerAddress(at.system(), at.host(), at.port()), "", Duration.ofSeconds(30))
                    .toCompletableFuture()
                    .get(40, TimeUnit.SECONDS);
            Peers.Noting noting = new Peers.Noting();
            Channel channel = worker.open(noting);
            DenseTensor slice = DenseTensor.zeros(DType.FLOAT32, Shape.of(8 * 1024));
            for (int i = 0; i < 5; i++) {
                long call = channel.nextCall();
                channel.submit(at, Samples.push("w", call, slice));
                assertThat(next(noting.items).body())
                        .isEqualTo(new Body.Answer(new KeyReply.Done(
                                Samples.push("w", 1, slice).part().key(), call, call)));
            }
            assertThat(noting.lost).isEmpty();
        }
    }
}
