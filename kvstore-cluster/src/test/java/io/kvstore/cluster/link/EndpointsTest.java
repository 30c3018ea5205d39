package io.kvstore.cluster.link;

import static io.kvstore.cluster.link.Peers.Noting.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.ActorSystem;
import io.kvstore.KVStoreException;
import io.kvstore.KVStoreTimeoutException;
import io.kvstore.Reason;
import io.kvstore.actor.KeyReply;
import io.kvstore.cluster.ServerAddress;
import io.kvstore.cluster.link.LinkMessage.Welcome;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two actor systems, a worker and a server, over TCP. */
@Timeout(120)
class EndpointsTest {
    private static final Nodes nodes = new Nodes();
    private static final ActorSystem<Void> workerSystem = nodes.start();
    private static final ActorSystem<Void> serverSystem = nodes.start();
    private static final Endpoints worker = Endpoints.get(workerSystem);
    private static final Endpoints server = Endpoints.get(serverSystem);
    private static final NodeId SERVER = server.self();

    private static final Peers.Answering ANSWERING = Peers.Answering.serve(
            server, () -> new KeyReply.Value(Samples.KEY, 0, 1, server.pool().copyOf(Samples.DENSE)));

    private final Peers.Noting noting = new Peers.Noting();
    private final Channel channel = worker.open(noting);

    @AfterAll
    static void stop() {
        nodes.close();
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private static ServerAddress address(NodeId node) {
        return new ServerAddress(node.system(), node.host(), node.port());
    }

    @Test
    void anActorSystemHasOneEndpoint() {
        assertThat(Endpoints.get(workerSystem)).isSameAs(worker);
        assertThat(worker.self()).isEqualTo(NodeId.of(workerSystem)).isNotEqualTo(SERVER);
        assertThat(worker.self().uid()).isNotEqualTo(NodeId.ANY);
    }

    @Test
    void aHelloIsWelcomedWithTheServers() throws Exception {
        Welcome welcome = get(worker.connect(address(SERVER), "slice-bytes = 1", Duration.ofSeconds(20)));
        assertThat(welcome.from()).isEqualTo(SERVER);
        assertThat(welcome.servers()).containsExactly(SERVER);
    }

    @Test
    void aHelloToANodeThatIsNoServerEndsWithTheReasonAtItsLimit() {
        assertThatThrownBy(() -> get(server.connect(address(worker.self()), "", Duration.ofSeconds(2))))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(KVStoreTimeoutException.class)
                .hasMessageContaining("no welcome from " + worker.self().address() + " within 2 s")
                .hasMessageContaining("it is no server, or not one yet");
    }

    @Test
    void aHelloToNobodyEndsAtItsLimit() {
        assertThatThrownBy(() -> get(worker.connect(ServerAddress.parse("127.0.0.1:1"), "", Duration.ofMillis(300))))
                .cause()
                .isInstanceOf(KVStoreTimeoutException.class)
                .hasMessageContaining("is a server of the same version running there");
    }

    @Test
    void aPullIsAnsweredWithTheValue() throws Exception {
        long call = channel.nextCall();
        channel.submit(SERVER, Samples.pull("w", 0, call, 0));
        Item answer = next(noting.items);
        assertThat(answer.call()).isEqualTo(call);
        assertThat(answer.body()).isEqualTo(new Body.Answer(new KeyReply.Value(Samples.KEY, call, 1, Samples.DENSE)));
    }

    @Test
    void repliesGoToTheChannelThatAsked() throws Exception {
        Peers.Noting other = new Peers.Noting();
        Channel second = worker.open(other);
        long call = second.nextCall();
        assertThat(call).isNotEqualTo(channel.nextCall());
        second.submit(SERVER, Samples.pull("w", 0, call, 0));
        assertThat(next(other.items).call()).isEqualTo(call);
        assertThat(noting.items).isEmpty();
    }

    @Test
    void whatANodeSendsToItselfArrivesAsACopy() throws Exception {
        Channel own = server.open(noting);
        DenseTensor value = server.pool().copyOf(Samples.DENSE);
        Item answer = Samples.item(own.nextCall(), new Body.Answer(new KeyReply.Value(Samples.KEY, 0, 1, value)));
        own.submit(SERVER, answer);
        KeyReply.Value copy = (KeyReply.Value) ((Body.Answer) next(noting.items).body()).reply();
        assertThat(copy.value()).isEqualTo(Samples.DENSE).isNotSameAs(value);
    }

    @Test
    void aRequestToANodeThatHostsNothingIsAnsweredNotHere() throws Exception {
        Channel own = server.open(noting);
        own.submit(worker.self(), Samples.pull("w", 0, own.nextCall(), 0));
        assertThat(next(noting.items).body()).isEqualTo(new Body.NotHere());
    }

    @Test
    void anItemLargerThanAFrameIsRefusedAtOnce() {
        DenseTensor large =
                DenseTensor.zeros(DType.INT8, Shape.of(worker.settings().itemBytes()));
        assertThatThrownBy(() -> channel.submit(SERVER, Samples.push("w", 1, large)))
                .isInstanceOfSatisfying(
                        KVStoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID_ARGUMENT))
                .hasMessageContaining("key 'w': a message of ")
                .hasMessageContaining("at most " + worker.settings().itemBytes() + " bytes can travel");
    }

    @Test
    void theLargestItemTravelsBothWays() throws Exception {
        long header = ItemCodec.size(Samples.push("w", 1, DenseTensor.zeros(DType.INT8, Shape.of(0))));
        int most = (int) (worker.settings().itemBytes() - header);
        channel.submit(SERVER, Samples.push("w", channel.nextCall(), DenseTensor.zeros(DType.INT8, Shape.of(most))));
        assertThat(next(noting.items).body()).isInstanceOf(Body.Answer.class);
    }

    @Test
    void itemsOfOneThreadArriveInOrder() throws Exception {
        List<Long> calls = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            calls.add(channel.nextCall());
            channel.submit(SERVER, Samples.pull("w", 0, calls.get(i), 0));
        }
        for (long call : calls) {
            assertThat(next(noting.items).call()).isEqualTo(call);
        }
    }

    /** What the floods count must be able to count: the same bytes without windows. */
    @Test
    void droppedMessagesAreCounted() throws Exception {
        try (Nodes others = new Nodes()) {
            ActorSystem<Void> from = others.start("kvstore.server.embedded.akka.loglevel = OFF");
            NodeId to = NodeId.of(others.start("kvstore.server.embedded.akka.loglevel = OFF"));
            ActorRef<LinkMessage> target = ActorRefResolver.get(from).resolveActorRef(to.address() + Endpoints.PATH);
            Item slice = Samples.push("w", 1, DenseTensor.zeros(DType.FLOAT32, Shape.of(1 << 18)));
            for (int i = 0; i < 2000; i++) {
                target.tell(new LinkMessage.Frame(NodeId.of(from), to, i, List.of(slice)));
            }
            others.awaitDropped();
        }
    }

    @Test
    void aClosedChannelGetsNothingMore() throws Exception {
        channel.close();
        channel.submit(SERVER, Samples.pull("w", 0, channel.nextCall(), 0));
        Channel second = worker.open(noting);
        long call = second.nextCall();
        second.submit(SERVER, Samples.pull("w", 0, call, 0));
        assertThat(next(noting.items).call()).isEqualTo(call);
        assertThat(noting.items).isEmpty();
    }

    @Test
    void floodsOfSmallItemsLoseNothing() throws Exception {
        int count = 200_000;
        for (int i = 0; i < count; i++) {
            channel.submit(SERVER, Samples.pull("k" + i % 1000, 0, channel.nextCall(), i % 3));
        }
        long[] calls = new long[count];
        for (int i = 0; i < count; i++) {
            Item answer = next(noting.items);
            calls[i] = answer.call();
            ((KeyReply.Value) ((Body.Answer) answer.body()).reply()).value().release();
        }
        assertThat(LongStream.of(calls).distinct().count()).isEqualTo(count);
        assertThat(noting.lost).isEmpty();
        assertThat(ANSWERING.lost).hasValue(0);
        assertThat(nodes.dropped()).isZero();
    }

    @Test
    void floodsOfSlicesLoseNothingAndTakeNoMoreMemoryThanTheWindow() throws Exception {
        int count = 2000;
        DenseTensor slice = DenseTensor.zeros(DType.FLOAT32, Shape.of(1 << 18));
        for (int i = 0; i < count; i++) {
            channel.submit(SERVER, Samples.push("k" + i % 10, channel.nextCall(), slice));
        }
        long most = 0;
        for (int i = 0; i < count; i++) {
            assertThat(((Body.Answer) next(noting.items).body()).reply()).isInstanceOf(KeyReply.Done.class);
            most = Math.max(most, server.pool().liveBytes());
        }
        assertThat(most).isLessThanOrEqualTo(server.settings().windowBytes() + (1 << 20));
        assertThat(noting.lost).isEmpty();
        assertThat(ANSWERING.lost).hasValue(0);
        assertThat(nodes.dropped()).isZero();
    }
}
