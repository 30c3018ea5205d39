package io.kvstore.cluster.link;

import static io.kvstore.cluster.link.Peers.Noting.next;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.actor.KeyReply;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real actor systems on roads that lose, repeat and delay. */
@Timeout(120)
class FlakyRoadTest {
    private static final FlakyNetwork.Weather STORM =
            new FlakyNetwork.Weather(0.1, 0.1, 0, TimeUnit.MILLISECONDS.toNanos(30));

    @Test
    void everyRequestIsAnsweredIfWhatIsLostIsSentAgain() throws Exception {
        try (Nodes nodes = new Nodes()) {
            Endpoints worker =
                    Endpoints.get(nodes.start(FlakyRoad.setup(11, STORM), "kvstore.link.resend-after = 200 ms"));
            Endpoints server =
                    Endpoints.get(nodes.start(FlakyRoad.setup(12, STORM), "kvstore.link.resend-after = 200 ms"));
            Peers.Answering.serve(
                    server,
                    () -> new KeyReply.Value(Samples.KEY, 0, 1, server.pool().copyOf(Samples.DENSE)));
            BlockingQueue<Item> events = new LinkedBlockingQueue<>();
            Channel channel = worker.open(new Peers.Noting() {
                @Override
                public void onItem(NodeId from, Item item) {
                    events.add(item);
                }

                @Override
                public void onLost(NodeId peer, Item item) {
                    events.add(item);
                }
            });
            Set<Long> open = new HashSet<>();
            int asked = 0;
            int lost = 0;
            while (asked < 200 || !open.isEmpty()) {
                while (asked < 200 && open.size() < 20) { // few at once, so that they travel in many frames
                    long call = channel.nextCall();
                    open.add(call);
                    channel.submit(server.self(), Samples.pull("k" + asked++, 0, call, 0));
                }
                Item event = next(events);
                if (event.body().asks()) {
                    lost++;
                    channel.submit(server.self(), event);
                } else {
                    open.remove(event.call());
                }
            }
            assertThat(lost).as("seeds 11, 12: a road that loses nothing").isPositive();
        }
    }
}
