package io.kvstore.cluster.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.actor.KeyReply;
import io.kvstore.cluster.link.LinkMessage.Frame;
import io.kvstore.cluster.link.LinkMessage.Gone;
import io.kvstore.cluster.link.LinkMessage.Hello;
import io.kvstore.cluster.link.LinkMessage.Unwelcome;
import io.kvstore.cluster.link.LinkMessage.Welcome;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Two endpoints over a fair road in virtual time, and what they do when something is wrong. */
class EndpointCoreTest {
    private static final LinkSettings SETTINGS =
            new LinkSettings(4096, 300_000, Duration.ofSeconds(1), Duration.ofSeconds(10));
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final FlakyNetwork network = new FlakyNetwork(1, FlakyNetwork.Weather.FAIR);
    private final List<LinkMessage> sent = new ArrayList<>();
    private final BufferPool pool = new BufferPool(1 << 20);
    private final EndpointCore a = node(Samples.A);
    private final EndpointCore b = node(Samples.B);
    private final Peers.Noting noting = new Peers.Noting();
    private final Peers.Noting server = new Peers.Noting();
    private final Channel channel = a.open(noting);
    private final Channel serving = b.serve(server, (from, settings) -> List.of(Samples.B));

    private EndpointCore node(NodeId id) {
        Link road = network.link();
        Link noted = message -> {
            sent.add(message);
            road.send(message);
        };
        EndpointCore core = new EndpointCore(id, SETTINGS, noted, network.clock());
        network.join(id, pool, core);
        return core;
    }

    private long request() {
        long call = channel.nextCall();
        channel.submit(Samples.B, Samples.pull("w", 0, call, 0));
        a.flush();
        return call;
    }

    @Test
    void aRequestReachesTheServerAndItsAnswerTheChannel() {
        long call = request();
        network.run(SECOND / 100);
        Item request = server.items.remove();
        assertThat(request.call()).isEqualTo(call);
        serving.submit(Samples.A, request.answer(new Body.Answer(new KeyReply.Done(Samples.KEY, 0, 4))));
        b.flush();
        network.run(SECOND / 100);
        assertThat(noting.items.remove().body()).isEqualTo(new Body.Answer(new KeyReply.Done(Samples.KEY, call, 4)));
    }

    @Test
    void aBurstOfFramesIsAcknowledgedWithoutWaitingForAClock() {
        for (int i = 0; i < 100; i++) {
            channel.submit(
                    Samples.B,
                    Samples.push("k" + i, channel.nextCall(), DenseTensor.zeros(DType.INT8, Shape.of(4000))));
        }
        a.flush();
        network.run(SECOND / 100);
        assertThat(server.items).hasSize(100);
        assertThat(noting.lost).isEmpty();
    }

    @Test
    void aPeerThatFallsSilentIsDeadWithinTheSessionTimeoutAndAMoment() {
        request();
        network.run(SECOND);
        network.crash(Samples.B);
        long second = request();
        network.run(10 * SECOND + SECOND / 2);
        assertThat(noting.dead).containsExactly(Samples.B);
        assertThat(noting.lost).extracting(Item::call).containsExactly(second);
    }

    /** The server died while a call waited for a round: nothing is on its way, and still the caller must hear of it. */
    @Test
    void aPeerThatDiesWhileNothingIsOnItsWayIsFoundDeadToo() {
        request();
        network.run(SECOND);
        network.crash(Samples.B);
        network.run(11 * SECOND);
        assertThat(noting.dead).containsExactly(Samples.B);
        assertThat(noting.lost).isEmpty();
    }

    @Test
    void anIdleButLivingPeerIsNeverDead() {
        request();
        network.run(300 * SECOND);
        assertThat(noting.dead).isEmpty();
        assertThat(server.dead).isEmpty();
    }

    @Test
    void aRestartedPeerIsDeadAtOnceAndTheNewOneIsAnother() {
        request();
        network.run(SECOND);
        NodeId again = new NodeId(Samples.B.system(), Samples.B.host(), Samples.B.port(), 77);
        EndpointCore restarted = node(again);
        Peers.Noting other = new Peers.Noting();
        restarted.serve(other, (from, settings) -> List.of(again));
        long call = request();
        network.run(SECOND / 100);
        assertThat(noting.dead).containsExactly(Samples.B);
        assertThat(noting.lost).extracting(Item::call).containsExactly(call);
        assertThat(other.items).isEmpty();
        channel.submit(again, noting.lost.remove());
        a.flush();
        network.run(SECOND / 100);
        assertThat(other.items).extracting(Item::call).containsExactly(call);
    }

    @Test
    void whatIsForAnotherAddressIsReleasedAndNotAnswered() {
        NodeId elsewhere = new NodeId("kvstore", "10.0.0.9", 1, 5);
        Item push = Samples.push("w", 1, pool.take(DType.FLOAT32, Shape.of(8)));
        a.receive(new Frame(Samples.B, elsewhere, 1, List.of(push)));
        assertThat(sent).isEmpty();
        assertThat(pool.liveBytes()).isZero();
    }

    @Test
    void nobodyButWhoListensThereCanSayThatANodeIsGone() {
        request();
        network.run(SECOND / 100);
        NodeId stranger = new NodeId("kvstore", "10.0.0.9", 1, 5);
        a.receive(new Gone(stranger, Samples.A, Samples.B));
        assertThat(noting.dead).isEmpty();
    }

    @Test
    void aPeerThatLeavesIsGoneAtOnceAndNotWaitedFor() {
        request();
        network.run(SECOND / 100);
        a.leave();
        network.crash(Samples.A);
        network.run(SECOND / 100);
        assertThat(server.dead).containsExactly(Samples.A);
        network.run(20 * SECOND);
        assertThat(b.links()).isEmpty();
        assertThat(server.dead).hasSize(1);
    }

    @Test
    void aPeerThatWasTakenForDeadCanComeBack() {
        request();
        network.run(SECOND);
        network.crash(Samples.B);
        network.run(12 * SECOND);
        assertThat(noting.dead).containsExactly(Samples.B);
        network.join(Samples.B, pool, b);
        long call = request();
        network.run(SECOND / 100);
        assertThat(server.items).extracting(Item::call).endsWith(call);
    }

    @Test
    void anUnreadableRequestIsRefusedToItsSender() {
        long call = channel.nextCall();
        deliverUnreadable(b, Samples.A, Samples.B, call, true);
        assertThat(noting.items.remove().body())
                .isEqualTo(new Body.Answer(new KeyReply.Refused(
                        Samples.KEY, call, Reason.INVALID_ARGUMENT, "the request cannot be read: of unknown kind 99")));
        assertThat(server.items).isEmpty();
    }

    @Test
    void anUnreadableReplyIsARefusalForWhoWaits() {
        long call = channel.nextCall();
        deliverUnreadable(a, Samples.B, Samples.A, call, false);
        assertThat(noting.items.remove().body())
                .isEqualTo(new Body.Answer(new KeyReply.Refused(
                        Samples.KEY, call, Reason.INTERNAL, "the reply cannot be read: of unknown kind 99")));
    }

    private void deliverUnreadable(EndpointCore at, NodeId from, NodeId to, long call, boolean asks) {
        Item item = Samples.item(call, new Body.Unreadable(asks, "of unknown kind 99"));
        at.receive(new Frame(from, to, 1, List.of(item)));
        at.flush();
        network.run(SECOND / 100);
    }

    @Test
    void aReceiverThatThrowsStopsNobody() {
        Receiver throwing = new Receiver() {
            @Override
            public void onItem(NodeId from, Item item) {
                throw new IllegalStateException("on purpose");
            }

            @Override
            public void onLost(NodeId peer, Item item) {}

            @Override
            public void onDead(NodeId peer) {}
        };
        Channel bad = a.open(throwing);
        long badCall = bad.nextCall();
        long call = channel.nextCall();
        a.receive(new Frame(
                Samples.B,
                Samples.A,
                1,
                List.of(Samples.item(badCall, new Body.NotHere()), Samples.item(call, new Body.NotHere()))));
        assertThat(noting.items).extracting(Item::call).containsExactly(call);
    }

    @Test
    void theLeaseOfAnAnswerForNobodyIsReleased() {
        long call = channel.nextCall();
        channel.close();
        DenseTensor value = pool.take(DType.FLOAT32, Shape.of(8));
        a.receive(new Frame(
                Samples.B,
                Samples.A,
                1,
                List.of(Samples.item(call, new Body.Answer(new KeyReply.Value(Samples.KEY, call, 1, value))))));
        assertThat(pool.liveBytes()).isZero();
    }

    @Test
    void aHelloOfAnotherVersionIsToldSo() {
        b.receive(new Hello(Samples.A, Samples.B.anyLife(), 2, ""));
        assertThat(sent)
                .contains(
                        new Unwelcome(
                                Samples.B,
                                Samples.A,
                                Reason.INVALID_CONFIGURATION,
                                "it speaks version 1 of the wire format, you speak 2; use one version of the store everywhere"));
    }

    @Test
    void aRefusedHelloEndsWithTheServersReason() {
        EndpointCore picky = node(new NodeId("kvstore", "10.0.0.3", 1, 3));
        picky.serve(server, (from, settings) -> {
            throw new KVStoreException(Reason.INVALID_CONFIGURATION, "slice-bytes differ: 1 here, 2 there");
        });
        CompletableFuture<Welcome> answer = new CompletableFuture<>();
        a.connect(new NodeId("kvstore", "10.0.0.3", 1, 0), "", Duration.ofSeconds(5), answer);
        network.run(SECOND);
        assertThatThrownBy(answer::join)
                .cause()
                .isInstanceOfSatisfying(
                        KVStoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID_CONFIGURATION))
                .hasMessage("akka://kvstore@10.0.0.3:1#3 refuses: slice-bytes differ: 1 here, 2 there");
    }

    @Test
    void aBusyServerIsAskedAgainUntilItWelcomes() {
        NodeId late = new NodeId("kvstore", "10.0.0.3", 1, 3);
        EndpointCore core = node(late);
        CompletableFuture<Welcome> answer = new CompletableFuture<>();
        a.connect(late.anyLife(), "", Duration.ofSeconds(5), answer);
        network.run(2 * SECOND);
        assertThat(answer).isNotDone();
        core.serve(server, (from, settings) -> List.of(late, Samples.B));
        network.run(SECOND);
        assertThat(answer.join()).isEqualTo(new Welcome(late, Samples.A, List.of(late, Samples.B)));
    }

    @Test
    void aNodeIsAServerOnce() {
        assertThatThrownBy(() -> b.serve(server, (from, settings) -> List.of()))
                .isInstanceOf(KVStoreException.class)
                .hasMessageContaining("is a server already");
        serving.close();
        b.serve(server, (from, settings) -> List.of());
    }

    @Test
    void theEndOfAnEndpointLosesWhatIsOpen() {
        network.crash(Samples.B);
        long call = request();
        CompletableFuture<Welcome> answer = new CompletableFuture<>();
        a.connect(Samples.B.anyLife(), "", Duration.ofSeconds(5), answer);
        a.close();
        assertThat(noting.lost).extracting(Item::call).containsExactly(call);
        assertThatThrownBy(answer::join)
                .cause()
                .isInstanceOfSatisfying(
                        KVStoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CLOSED));
    }
}
