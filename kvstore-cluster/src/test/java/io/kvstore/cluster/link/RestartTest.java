package io.kvstore.cluster.link;

import static io.kvstore.cluster.link.Peers.Noting.next;
import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.typed.ActorSystem;
import io.kvstore.actor.KeyReply;
import io.kvstore.cluster.ServerAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server that ends and starts again at the same address. */
@Timeout(120)
class RestartTest {
    private final Peers.Noting noting = new Peers.Noting();

    private static Endpoints server(ActorSystem<Void> system) {
        Endpoints server = Endpoints.get(system);
        Peers.Answering.serve(
                server,
                () -> new KeyReply.Value(Samples.KEY, 0, 1, server.pool().copyOf(Samples.DENSE)));
        return server;
    }

    @Test
    void theOldLifeIsFoundDeadAndTheNewOneServes() throws Exception {
        try (Nodes nodes = new Nodes()) {
            Endpoints worker = Endpoints.get(nodes.start("kvstore.server.embedded.akka.loglevel = OFF"));
            ActorSystem<Void> first = nodes.start();
            NodeId old = server(first).self();
            Channel channel = worker.open(noting);
            channel.submit(old, Samples.pull("w", 0, channel.nextCall(), 0));
            next(noting.items);

            first.terminate();
            first.getWhenTerminated().toCompletableFuture().get(30, TimeUnit.SECONDS);
            NodeId again =
                    server(nodes.start("kvstore.server.port = " + old.port())).self();
            assertThat(again.anyLife()).isEqualTo(old.anyLife());
            assertThat(again).isNotEqualTo(old);

            long forTheOld = channel.nextCall();
            channel.submit(old, Samples.pull("w", 0, forTheOld, 0));
            assertThat(next(noting.dead)).isEqualTo(old);
            assertThat(next(noting.lost).call()).isEqualTo(forTheOld);
            ServerAddress address = new ServerAddress(old.system(), old.host(), old.port());
            assertThat(worker.connect(address, "", Duration.ofSeconds(20))
                            .toCompletableFuture()
                            .get(30, TimeUnit.SECONDS)
                            .from())
                    .isEqualTo(again);
            channel.submit(again, Samples.pull("w", 0, forTheOld, 0));
            assertThat(next(noting.items).call()).isEqualTo(forTheOld);
        }
    }
}
