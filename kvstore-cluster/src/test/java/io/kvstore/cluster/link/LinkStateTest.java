package io.kvstore.cluster.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.actor.KeyReply;
import io.kvstore.actor.Part;
import io.kvstore.cluster.link.LinkMessage.Frame;
import io.kvstore.cluster.link.LinkMessage.Ping;
import io.kvstore.cluster.link.LinkMessage.Pong;
import io.kvstore.cluster.link.LinkMessage.Received;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A link of one node to a peer, by hand: what it sends is looked at, and nothing answers unless a test does. */
class LinkStateTest {
    private static final LinkSettings SETTINGS =
            new LinkSettings(4096, 300_000, Duration.ofSeconds(1), Duration.ofSeconds(10));
    private static final long SECOND = 1_000_000_000L;

    private final List<Frame> frames = new ArrayList<>();
    private final List<Ping> pings = new ArrayList<>();
    private final List<LinkMessage> answers = new ArrayList<>();
    private final List<Long> lost = new ArrayList<>();
    private long now = 5 * SECOND;
    private long roadWindow = Long.MAX_VALUE;
    private LinkState link = link(SETTINGS);

    private LinkState link(LinkSettings settings) {
        return new LinkState(Samples.A, Samples.B, settings, now, new LinkState.Effects() {
            @Override
            public long window(NodeId peer, long limit) {
                return Math.min(limit, roadWindow);
            }

            @Override
            public void send(LinkMessage message) {
                if (message instanceof Frame frame) {
                    frames.add(frame);
                } else if (message instanceof Ping ping) {
                    pings.add(ping);
                } else {
                    answers.add(message);
                }
            }

            @Override
            public void lost(NodeId peer, Outgoing outgoing) {
                lost.add(outgoing.item().call());
            }
        });
    }

    private void offer(Item item) {
        link.offer(new Outgoing(item, (int) ItemCodec.size(item), null));
    }

    private void offerSmall(long call, int priority) {
        offer(Samples.pull("k" + call, 0, call, priority));
    }

    private void offerOf(long call, int bytes) {
        offer(Samples.push("k" + call, call, DenseTensor.zeros(DType.INT8, Shape.of(bytes))));
    }

    private boolean after(double seconds) {
        boolean alive = true;
        for (long end = now + (long) (seconds * SECOND); now < end && alive; ) {
            now = Math.min(end, now + SECOND / 5);
            alive = link.tick(now);
        }
        return alive;
    }

    private List<Long> sent() {
        return frames.stream()
                .flatMap(frame -> frame.items().stream())
                .map(Item::call)
                .toList();
    }

    private void receiveAll() {
        link.received(frames.stream().mapToLong(Frame::number).toArray());
    }

    @Test
    void itemsThatWaitTogetherLeaveTogether() {
        for (int call = 1; call <= 50; call++) {
            offerSmall(call, 0);
        }
        link.flush(now);
        assertThat(frames).hasSize(1);
        assertThat(sent())
                .containsExactlyElementsOf(LongStream.rangeClosed(1, 50).boxed().toList());
        assertThat(frames.get(0).number()).isEqualTo(1);
        assertThat(frames.get(0).from()).isEqualTo(Samples.A);
        assertThat(frames.get(0).to()).isEqualTo(Samples.B);
    }

    @Test
    void higherPrioritiesLeaveFirstAndEqualsInOrder() {
        offerSmall(1, 0);
        offerSmall(2, 5);
        offerSmall(3, -1);
        offerSmall(4, 5);
        offerSmall(5, 0);
        link.flush(now);
        assertThat(sent()).containsExactly(2L, 4L, 1L, 5L, 3L);
    }

    @Test
    void anItemNeverOvertakesAnEarlierOneOfTheSamePart() {
        offer(Samples.pull("w", 0, 1, 0));
        offer(Samples.pull("v", 0, 2, 3));
        offer(Samples.pull("w", 0, 3, 9));
        offer(Samples.pull("w", 1, 4, 9));
        link.flush(now);
        assertThat(sent()).containsExactly(4L, 2L, 1L, 3L);
    }

    @Test
    void aPartWhoseItemsHaveLeftGetsItsPriorityBack() {
        offer(Samples.pull("w", 0, 1, 0));
        link.flush(now);
        offer(Samples.pull("v", 0, 2, 3));
        offer(Samples.pull("w", 0, 3, 9));
        link.flush(now);
        assertThat(sent()).containsExactly(1L, 3L, 2L);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void anyMixKeepsPartsInOrderAndPrioritiesOtherwise(long seed) {
        Random random = new Random(seed);
        List<Item> offered = new ArrayList<>();
        for (int call = 0; call < 500; call++) {
            Item item = Samples.pull("k" + random.nextInt(20), random.nextInt(2), call, random.nextInt(7) - 3);
            offered.add(item);
            offer(item);
        }
        link.flush(now);
        while (sent().size() < 500) {
            receiveAll();
            link.flush(now);
        }
        Map<Part, Integer> lowest = new HashMap<>();
        Map<Long, Integer> effective = new HashMap<>();
        for (Item item : offered) {
            effective.put(item.call(), lowest.merge(item.part(), item.priority(), Math::min));
        }
        List<Long> expected = offered.stream()
                .sorted((a, b) -> effective.get(b.call()) - effective.get(a.call()))
                .map(Item::call)
                .toList();
        assertThat(sent()).as("seed %d", seed).isEqualTo(expected);
    }

    @Test
    void bytesInFlightStayWithinTheWindow() {
        for (int call = 1; call <= 1000; call++) {
            offerOf(call, 4000);
        }
        link.flush(now);
        int first = frames.size();
        assertThat(first).isGreaterThan(1);
        assertThat(link.inFlightBytes())
                .isBetween(SETTINGS.windowBytes() - SETTINGS.frameBytes(), SETTINGS.windowBytes());
        assertThat(frames.stream().mapToLong(LinkCodec::size).sum()).isEqualTo(link.inFlightBytes());

        link.flush(now);
        assertThat(frames).hasSize(first);

        link.received(new long[] {1});
        link.flush(now);
        assertThat(frames).hasSize(first + 1);
        assertThat(link.inFlightBytes()).isLessThanOrEqualTo(SETTINGS.windowBytes());
    }

    @Test
    void aRoadMayTakeLessAtOnceThanTheWindow() {
        roadWindow = SETTINGS.windowBytes() / 4;
        for (int call = 1; call <= 3000; call++) {
            offerOf(call, call % 5000);
        }
        while (sent().size() < 3000) {
            link.flush(now);
            assertThat(link.inFlightBytes()).isLessThanOrEqualTo(roadWindow);
            receiveAll();
        }
    }

    @Test
    void noFrameIsLargerThanTheLimit() {
        for (int call = 1; call <= 3000; call++) {
            offerOf(call, call % 5000);
        }
        while (sent().size() < 3000) {
            link.flush(now);
            receiveAll();
        }
        assertThat(frames)
                .allSatisfy(frame -> assertThat(LinkCodec.size(frame)).isLessThanOrEqualTo(SETTINGS.frameBytes()));
        assertThat(link.inFlightBytes()).isZero();
    }

    @Test
    void anItemLargerThanTheWindowGoesAlone() {
        link = link(new LinkSettings(8192, 1024, Duration.ofSeconds(1), Duration.ofSeconds(10)));
        offerOf(1, 8000);
        offerOf(2, 8000);
        link.flush(now);
        assertThat(sent()).containsExactly(1L);
        link.received(new long[] {1});
        link.flush(now);
        assertThat(sent()).containsExactly(1L, 2L);
    }

    @Test
    void framesInFlightAreFewerThanArterysQueueHolds() {
        for (int call = 1; call <= 200; call++) {
            offerSmall(call, 0);
            link.flush(now);
        }
        assertThat(frames).hasSize(LinkState.MAX_FRAMES);
        receiveAll();
        link.flush(now);
        assertThat(sent()).hasSize(200);
        assertThat(frames).hasSize(LinkState.MAX_FRAMES + 1);
    }

    @Test
    void aRepeatedReceivedIsCreditedOnce() {
        offerOf(1, 4000);
        link.flush(now);
        offerOf(2, 4000);
        link.flush(now);
        long both = link.inFlightBytes();
        long first = LinkCodec.size(frames.get(0));
        link.received(new long[] {1, 1});
        link.received(new long[] {1, 99});
        assertThat(link.inFlightBytes()).isEqualTo(both - first);
    }

    @Test
    void anAnswersLeaseEndsWhenTheOtherNodeHasIt() {
        BufferPool pool = new BufferPool(1 << 20);
        DenseTensor value = pool.take(DType.FLOAT32, Shape.of(100));
        offer(Samples.item(1, new Body.Answer(new KeyReply.Value(Samples.KEY, 1, 1, value))));
        link.flush(now);
        assertThat(pool.liveBytes()).isEqualTo(400);
        link.received(new long[] {1});
        assertThat(pool.liveBytes()).isZero();
    }

    @Test
    void aRequestsTensorIsReleasedWhenTheOtherNodeHasIt() {
        BufferPool pool = new BufferPool(1 << 20);
        offer(Samples.push("w", 1, pool.take(DType.FLOAT32, Shape.of(100))));
        link.flush(now);
        assertThat(pool.liveBytes()).isEqualTo(400);
        link.received(new long[] {1});
        assertThat(pool.liveBytes()).isZero();
    }

    @Test
    void aFrameIsLostOnceThePeerAnswersAPingThatCameAfterIt() {
        offerSmall(1, 0);
        link.flush(now);
        after(1.4);
        assertThat(pings).isNotEmpty();
        link.heard();
        link.ponged(pings.get(0).number());
        after(0.2);
        assertThat(lost).containsExactly(1L);
        assertThat(link.inFlightBytes()).isZero();
        assertThat(link.framesInFlight()).isZero();
    }

    @Test
    void aPongOfAPingBeforeTheFrameProvesNothing() {
        offerSmall(1, 0);
        link.flush(now);
        after(1.2);
        long before = pings.get(0).number();
        link.received(new long[] {1});
        offerSmall(2, 0);
        link.flush(now);
        link.heard();
        link.ponged(before);
        after(3);
        assertThat(lost).isEmpty();
        link.ponged(before + 1);
        after(0.2);
        assertThat(lost).containsExactly(2L);
    }

    @Test
    void aStalledRoadIsNotFilledFurther() {
        for (int call = 1; call <= 1000; call++) {
            offerOf(call, 4000);
        }
        link.flush(now);
        int first = frames.size();
        assertThat(after(9)).isTrue();
        assertThat(frames).hasSize(first);
        assertThat(lost).isEmpty();
    }

    @Test
    void theFirstLossesInARowDoubleTheTimeAndAReceiptEndsIt() {
        double[] waits = new double[4];
        for (int i = 0; i < 4; i++) {
            waits[i] = secondsUntilLost(i);
        }
        assertThat(waits[0]).isBetween(1.0, 1.5);
        assertThat(waits[1]).isBetween(2.0, 2.5);
        assertThat(waits[2]).isBetween(4.0, 4.5);
        assertThat(waits[3]).isBetween(4.0, 4.5); // no longer than four times the first
        offerSmall(50, 0);
        link.flush(now);
        receiveAll();
        assertThat(secondsUntilLost(4)).isBetween(1.0, 1.5);
    }

    private double secondsUntilLost(int before) {
        offerSmall(100 + before, 0);
        link.flush(now);
        long start = now;
        while (lost.size() == before) {
            after(0.2);
            link.heard();
            link.ponged(pings.isEmpty() ? 0 : pings.get(pings.size() - 1).number());
            assertThat(now - start).isLessThan(20 * SECOND);
        }
        return (now - start) / (double) SECOND;
    }

    @Test
    void aSilentPeerIsDeadAfterTheSessionTimeoutAndAllItsItemsAreLost() {
        for (int call = 1; call <= 200; call++) {
            offerOf(call, 4000);
        }
        link.flush(now);
        assertThat(after(9.9)).isTrue();
        assertThat(after(0.3)).isFalse();
        link.close();
        assertThat(lost)
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, 200).boxed().toList());
        assertThat(pings).hasSizeBetween(9, 10);
    }

    @Test
    void anythingFromThePeerShowsThatItLives() {
        offerSmall(1, 0);
        link.flush(now);
        for (int i = 0; i < 10; i++) {
            assertThat(after(9)).isTrue();
            link.heard();
        }
    }

    /** A process that was stopped finds its clock advanced: its peers were not silent, it was deaf. */
    @Test
    void theTimeInWhichThisNodeWasPausedIsNotThePeersSilence() {
        offerSmall(1, 0);
        link.flush(now);
        after(5);
        now += 60 * SECOND;
        assertThat(link.tick(now)).isTrue();
        assertThat(after(3.9)).isTrue();
        assertThat(after(1)).isFalse();
    }

    @Test
    void anIdleLinkIsPingedSoThatADeathIsNoticed() {
        assertThat(after(3)).isTrue();
        assertThat(pings).hasSizeBetween(2, 3);
        assertThat(after(8)).isFalse();
    }

    @Test
    void leasesOfAnswersThatNeverLeftAreReleasedWhenThePeerDies() {
        BufferPool pool = new BufferPool(1 << 20);
        link = link(new LinkSettings(8192, 1024, Duration.ofSeconds(1), Duration.ofSeconds(10)));
        for (int call = 1; call <= 3; call++) {
            DenseTensor value = pool.take(DType.FLOAT32, Shape.of(1000));
            offer(Samples.item(call, new Body.Answer(new KeyReply.Value(Samples.KEY, call, 1, value))));
        }
        link.flush(now);
        link.close();
        assertThat(lost).containsExactly(1L, 2L, 3L);
        assertThat(pool.liveBytes()).isZero();
    }

    @Test
    void aLostFramesTensorsAreReleasedOnce() {
        BufferPool pool = new BufferPool(1 << 20);
        offer(Samples.push("w", 1, pool.take(DType.FLOAT32, Shape.of(100))));
        link.flush(now);
        after(1.4);
        link.ponged(1);
        after(0.2);
        assertThat(lost).containsExactly(1L);
        assertThat(pool.liveBytes()).isZero();
        link.received(new long[] {1}); // it came after all
        link.close();
        assertThat(lost).containsExactly(1L);
        assertThat(pool.liveBytes()).isZero();
    }

    @Test
    void aFrameThatIsGivenUpWhileTheRoadReadsItIsReleasedAfterThat() {
        BufferPool pool = new BufferPool(1 << 20);
        offer(Samples.push("w", 1, pool.take(DType.FLOAT32, Shape.of(100))));
        link.flush(now);
        Lease lease = frames.get(0).lease();
        assertThat(lease.enter()).isTrue();
        link.close();
        assertThat(pool.liveBytes()).isEqualTo(400);
        lease.leave();
        assertThat(pool.liveBytes()).isZero();
        assertThat(lease.enter()).isFalse();
    }

    @Test
    void aRoadThatWritesAFrameAfterItWasGivenUpWritesNoneOfItsItems() {
        BufferPool pool = new BufferPool(1 << 20);
        DenseTensor shared = pool.take(DType.FLOAT32, Shape.of(100)).retain(); // its memory is still there
        offer(Samples.push("w", 1, shared));
        link.flush(now);
        link.close();
        ByteBuffer bytes = ByteBuffer.allocate(LinkCodec.size(frames.get(0)));
        LinkCodec.write(frames.get(0), bytes);
        assertThat(LinkCodec.read(bytes.flip(), pool)).isEqualTo(new Frame(Samples.A, Samples.B, 1, List.of()));
    }

    @Test
    void acknowledgementsLeaveTogether() {
        for (long number = 1; number <= 40; number++) {
            link.handedOver(number);
        }
        assertThat(answers).isEmpty();
        link.flush(now);
        assertThat(answers)
                .containsExactly(new Received(
                        Samples.A, Samples.B, LongStream.rangeClosed(1, 40).toArray()));
        link.flush(now);
        assertThat(answers).hasSize(1);
    }

    /** A pong that overtook them would make the peer take these frames for lost. */
    @Test
    void aPongComesAfterTheAcknowledgementsOfEarlierFrames() {
        link.handedOver(1);
        link.pinged(5);
        assertThat(answers).isEmpty();
        link.flush(now);
        assertThat(answers)
                .containsExactly(new Received(Samples.A, Samples.B, new long[] {1}), new Pong(Samples.A, Samples.B, 5));
        link.flush(now);
        assertThat(answers).hasSize(2);
    }
}
