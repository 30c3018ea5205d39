package io.kvstore.cluster.link;

import io.kvstore.cluster.link.LinkMessage.Frame;
import io.kvstore.cluster.link.LinkMessage.Ping;
import io.kvstore.cluster.link.LinkMessage.Pong;
import io.kvstore.cluster.link.LinkMessage.Received;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What one node knows of its link to one peer: items that wait, frames that are on their way, and how long the peer has been
 * silent. Times are in nanoseconds of any steady clock.
 *
 * <p><b>Window.</b> Frames that are not received have at most {@link LinkSettings#windowBytes} together, fewer where the road
 * is better with less, or there is one alone; and they are at most {@value #MAX_FRAMES}, for Artery drops what exceeds its queue
 * of 256. The order of items is the {@link Outbox}'s.
 *
 * <p><b>Loss.</b> A frame is lost if it was not received in {@code resendAfter} although the peer has answered a ping that
 * was sent after it. Without such an answer nothing can be told, and nothing is freed: more frames behind a stalled road
 * would only fill its queue. So a loss is noticed within about a second and a slow road costs no resends. The first losses in
 * a row double the time, for roads that delay some messages for longer.
 *
 * <p><b>Death.</b> A peer from which nothing came for the session timeout is dead. Only time in which this node was awake
 * counts: one that was paused itself does not take its own absence for the peer's.
 */
final class LinkState {
    /** The most frames in flight. */
    static final int MAX_FRAMES = 64;

    private static final long PING_EVERY = TimeUnit.SECONDS.toNanos(1);
    private static final long LONGEST_STEP = TimeUnit.SECONDS.toNanos(1);
    private static final int MAX_DOUBLINGS = 2;

    /** What the link does. */
    interface Effects {
        void send(LinkMessage message);

        /** Bytes that may be on their way to the peer at once, at most {@code limit}. */
        default long window(NodeId peer, long limit) {
            return limit;
        }

        void lost(NodeId peer, Outgoing outgoing);
    }

    private record InFlight(List<Outgoing> items, Lease lease, int bytes, long sentAt, long pingsBefore) {}

    private final NodeId self;
    private final NodeId peer;
    private final LinkSettings settings;
    private final Effects effects;
    private final int frameHeader;
    private final Outbox outbox = new Outbox();
    private final Map<Long, InFlight> inFlight = new LinkedHashMap<>();
    private long inFlightBytes;
    private long frames;
    private long[] toAcknowledge = new long[16];
    private int acknowledgements;
    private long pingToAnswer;
    private long pings;
    private long pongs;
    private long lastPing;
    private long lastTick;
    private long silent;
    private int lossesInARow;

    LinkState(NodeId self, NodeId peer, LinkSettings settings, long now, Effects effects) {
        this.self = self;
        this.peer = peer;
        this.settings = settings;
        this.effects = effects;
        this.frameHeader = LinkCodec.frameHeader(self, peer);
        this.lastTick = now;
        this.lastPing = now;
    }

    /** Queues an item; {@link #flush} sends it. */
    void offer(Outgoing outgoing) {
        outbox.add(outgoing);
    }

    /** Something came from the peer. */
    void heard() {
        silent = 0;
    }

    /** The contents of the peer's frame were handed over; {@link #flush} says so. */
    void handedOver(long frame) {
        if (acknowledgements == toAcknowledge.length) {
            toAcknowledge = Arrays.copyOf(toAcknowledge, 2 * acknowledgements);
        }
        toAcknowledge[acknowledgements++] = frame;
    }

    /** The peer has these frames. One that was lost before, or acknowledged before, is not credited again. */
    void received(long[] numbers) {
        for (long number : numbers) {
            InFlight frame = inFlight.remove(number);
            if (frame != null) {
                inFlightBytes -= frame.bytes;
                lossesInARow = 0;
                frame.lease.leave();
            }
        }
    }

    void ponged(long number) {
        pongs = Math.max(pongs, number);
    }

    /** The peer asks for a sign; {@link #flush} gives it. */
    void pinged(long number) {
        pingToAnswer = Math.max(pingToAnswer, number);
    }

    /**
     * Sends what there is room for, and the acknowledgements that are due. A pong comes after those of the frames that came
     * before its ping, or the peer would take them for lost.
     */
    void flush(long now) {
        if (acknowledgements > 0) {
            effects.send(new Received(self, peer, Arrays.copyOf(toAcknowledge, acknowledgements)));
            acknowledgements = 0;
        }
        if (pingToAnswer > 0) {
            effects.send(new Pong(self, peer, pingToAnswer));
            pingToAnswer = 0;
        }
        while (hasRoom()) {
            sendFrame(now);
        }
    }

    private boolean hasRoom() {
        Outgoing next = outbox.peek();
        return next != null && (inFlight.isEmpty() || (inFlight.size() < MAX_FRAMES && fits(frameHeader, next)));
    }

    private boolean fits(int bytes, Outgoing next) {
        return (long) bytes + next.bytes() <= Math.min(settings.frameBytes(), window() - inFlightBytes);
    }

    private long window() {
        return effects.window(peer, settings.windowBytes());
    }

    private void sendFrame(long now) {
        List<Outgoing> items = new ArrayList<>();
        int bytes = frameHeader;
        do {
            Outgoing next = outbox.poll();
            items.add(next);
            bytes += next.bytes();
        } while (!outbox.isEmpty() && fits(bytes, outbox.peek()));
        frames++;
        Lease lease = new Lease(() -> items.forEach(LinkState::release));
        inFlight.put(frames, new InFlight(items, lease, bytes, now, pings));
        inFlightBytes += bytes;
        effects.send(
                new Frame(self, peer, frames, items.stream().map(Outgoing::item).toList(), lease));
    }

    /** Lets time pass: finds lost frames, pings. Returns whether the peer is alive; if not, {@link #close} is due. */
    boolean tick(long now) {
        silent += Math.min(LONGEST_STEP, now - lastTick);
        lastTick = now;
        if (silent >= settings.sessionTimeout().toNanos()) {
            return false;
        }
        findLost(now);
        if (now - lastPing >= PING_EVERY && (!inFlight.isEmpty() || silent >= PING_EVERY)) {
            lastPing = now;
            effects.send(new Ping(self, peer, ++pings));
        }
        flush(now);
        return true;
    }

    private void findLost(long now) {
        long patience = settings.resendAfter().toNanos() << lossesInARow;
        List<InFlight> lost = new ArrayList<>();
        Iterator<InFlight> frames = inFlight.values().iterator();
        while (frames.hasNext()) {
            InFlight frame = frames.next();
            if (now - frame.sentAt >= patience && pongs > frame.pingsBefore) {
                frames.remove();
                inFlightBytes -= frame.bytes;
                lost.add(frame);
            }
        }
        if (!lost.isEmpty()) {
            lossesInARow = Math.min(MAX_DOUBLINGS, lossesInARow + 1);
            lost.forEach(this::giveUp);
        }
    }

    /** Gives up the peer: everything that is not received is lost. */
    void close() {
        List<InFlight> unreceived = List.copyOf(inFlight.values());
        inFlight.clear();
        inFlightBytes = 0;
        unreceived.forEach(this::giveUp);
        for (Outgoing outgoing : outbox.drain()) {
            effects.lost(peer, outgoing);
            release(outgoing);
        }
    }

    /** The frame left, and will not be waited for; the road may still be reading it. */
    private void giveUp(InFlight frame) {
        frame.items.forEach(outgoing -> effects.lost(peer, outgoing));
        frame.lease.leave();
    }

    private static void release(Outgoing outgoing) {
        outgoing.item().body().release();
    }

    long inFlightBytes() {
        return inFlightBytes;
    }

    int framesInFlight() {
        return inFlight.size();
    }
}
