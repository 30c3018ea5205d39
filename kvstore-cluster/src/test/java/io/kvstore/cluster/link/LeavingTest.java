package io.kvstore.cluster.link;

import static io.kvstore.cluster.link.Peers.Noting.next;
import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.typed.ActorSystem;
import io.kvstore.actor.KeyReply;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An actor system that ends in good order, as its peers see it. */
@Timeout(120)
class LeavingTest {

    @Test
    void whoEndsInGoodOrderIsNotWaitedForUntilTheSessionTimeout() throws Exception {
        try (Nodes nodes = new Nodes()) {
            String patient = "kvstore.session-timeout = 90 s";
            Peers.Noting serving = new Peers.Noting();
            Endpoints server = Endpoints.get(nodes.start(patient));
            Channel answers = server.serve(serving, (from, settings) -> List.of(server.self()));
            ActorSystem<Void> system = nodes.start(patient);
            Endpoints worker = Endpoints.get(system);
            Peers.Noting noting = new Peers.Noting();
            Channel channel = worker.open(noting);

            channel.submit(server.self(), Samples.pull("w", 0, channel.nextCall(), 0));
            Item request = next(serving.items);
            answers.submit(worker.self(), request.answer(new Body.Answer(new KeyReply.Done(Samples.KEY, 0, 1))));
            next(noting.items);
            long start = System.nanoTime();
            system.terminate();
            assertThat(next(serving.dead)).isEqualTo(worker.self());
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(60));
        }
    }
}
