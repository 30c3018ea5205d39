package io.kvstore.cluster.link;

import io.aeron.Aeron;
import io.aeron.CommonContext;
import io.aeron.ExclusivePublication;
import io.aeron.Subscription;
import io.kvstore.cluster.link.LinkMessage.RoadOffered;
import io.kvstore.cluster.link.LinkMessage.RoadTaken;
import io.kvstore.tensor.BufferPool;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.agrona.CloseHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Two streams in memory between this node and one peer, one for each direction, each with its ring. Both begin with the {@link RoadTaken} that
 * shows the token; the server opens its own only after it has seen the worker's. All but {@link #send} is for one thread.
 */
final class IpcLane {
    private static final Logger LOG = LoggerFactory.getLogger(IpcLane.class);

    private static final long TO_BEGIN = TimeUnit.SECONDS.toNanos(10);

    /** After so many messages the others have their turn. */
    private static final int AT_ONCE = 4;

    /**
     * What all lanes of a node share.
     *
     * @param frameBytes of the largest message
     * @param termBytes of the streams that this node writes
     * @param wake called when there is something to send
     */
    record Site(BufferPool pool, int frameBytes, int termBytes, Events events, Runnable wake) {}

    /** What a lane tells, on the thread that works it. */
    interface Events {
        void arrived(LinkMessage message);

        /** The lane can be sent by. */
        void up(IpcLane lane);

        /** The lane takes and gives no more. @param left what was not sent */
        void down(IpcLane lane, List<LinkMessage> left);
    }

    private final NodeId self;
    private final NodeId peer;
    private final Token token;
    private final Site site;
    private final Aeron aeron;
    private final boolean ownsAeron;
    private final Subscription in;
    private final int outStream;
    private final IpcRing elementsIn;
    private final IpcRing elementsOut;
    private final IpcReader reader;
    private final Queue<LinkMessage> queue = new ConcurrentLinkedQueue<>();
    private final long since = System.nanoTime();
    private ExclusivePublication out; // null: not yet
    private IpcWriter writer;
    private boolean greeted;
    private boolean closed; // guarded by queue

    private IpcLane(
            NodeId self, NodeId peer, Token token, Site site, Aeron aeron, boolean ownsAeron, Stream in, Stream out) {
        this.self = self;
        this.peer = peer;
        this.token = token;
        this.site = site;
        this.aeron = aeron;
        this.ownsAeron = ownsAeron;
        this.in = aeron.addSubscription(CommonContext.IPC_CHANNEL, in.number());
        this.outStream = out.number();
        this.elementsIn = in.elements();
        this.elementsOut = out.elements();
        this.reader = new IpcReader(elementsIn, site.pool(), this::onMessage);
    }

    /** One direction. */
    private record Stream(int number, IpcRing elements) {
        static Stream made(int number, IpcDriver driver, Site site) throws IOException {
            return new Stream(
                    number,
                    IpcRing.create(IpcDriver.ring(driver.directory(), number), IpcRing.capacity(site.frameBytes())));
        }

        static Stream found(int number, Path directory) {
            return new Stream(number, IpcRing.open(IpcDriver.ring(directory, number)));
        }
    }

    /** The server's end; it waits for the worker's. @throws IOException if there is no room for its memory */
    static IpcLane offered(RoadOffered offer, IpcDriver driver, Site site) throws IOException {
        Stream in = Stream.made(offer.stream(), driver, site);
        try {
            Stream out = Stream.made(offer.stream() + 1, driver, site);
            return new IpcLane(offer.from(), offer.to(), offer.token(), site, driver.aeron(), false, in, out);
        } catch (IOException e) {
            in.elements().close();
            throw e;
        }
    }

    /**
     * The worker's end. Blocks until the driver has made its streams.
     *
     * @throws IOException if there is no driver that runs; a RuntimeException if it has no room
     */
    static IpcLane taken(RoadOffered offer, Site site) throws IOException {
        Path directory = Path.of(offer.directory());
        if (!CommonContext.isDriverActive(new File(offer.directory()), IpcDriver.ALIVE_MILLIS, LOG::debug)) {
            throw new IOException("there is no media driver at " + directory + " that this process can see");
        }
        Aeron aeron = Aeron.connect(IpcDriver.client(directory));
        try {
            Stream in = Stream.found(offer.stream() + 1, directory);
            Stream out = Stream.found(offer.stream(), directory);
            IpcLane lane = new IpcLane(offer.to(), offer.from(), offer.token(), site, aeron, true, in, out);
            lane.open();
            return lane;
        } catch (RuntimeException e) {
            CloseHelper.quietClose(aeron);
            throw e;
        }
    }

    private void open() {
        out = aeron.addExclusivePublication(IpcDriver.channel(site.termBytes()), outStream);
        writer = new IpcWriter(out, elementsOut, site.frameBytes());
        queue.add(new RoadTaken(self, peer, token));
    }

    NodeId peer() {
        return peer;
    }

    /** Queues a message, from any thread. Returns false, and takes nothing, once the lane is closed. */
    boolean send(LinkMessage message) {
        synchronized (queue) {
            if (closed) {
                return false;
            }
            queue.add(message);
        }
        site.wake().run();
        return true;
    }

    /** Does what can be done without waiting. */
    Work work() {
        if (ownsAeron) {
            aeron.conductorAgentInvoker().invoke();
        }
        if (closed || aeron.isClosed()) {
            return Work.ENDED; // this process was away for too long, or the driver's is
        }
        long elements = elements();
        int read = in.imageCount() == 0 ? 0 : reader.read(in.imageAtIndex(0));
        if (closed || (read == 0 && isBroken())) {
            return Work.ENDED;
        }
        int written = write();
        if (elements() != elements) {
            return Work.COPIED;
        }
        return read > 0 ? Work.ARRIVED : written > 0 ? Work.WROTE : Work.NOTHING;
    }

    /** In bytes, both ways together so far. */
    private long elements() {
        return elementsIn.position() + elementsOut.position();
    }

    /** The other side has closed its end, or is not heard of any more; what it had written before is read. */
    private boolean isBroken() {
        if (!greeted) {
            return System.nanoTime() - since > TO_BEGIN;
        }
        return in.imageCount() != 1 || out.isClosed() || !out.isConnected();
    }

    private void onMessage(LinkMessage message) {
        if (greeted) {
            site.events().arrived(message);
        } else if (message instanceof RoadTaken taken
                && taken.from().equals(peer)
                && taken.token().equals(token)) {
            if (out == null) {
                open();
            }
            greeted = true;
            site.events().up(this);
        } else {
            LOG.warn("{} refuses a stream that claims to be {}'s and does not show its token", self, peer);
            closed = true;
        }
    }

    private int write() {
        int written = 0;
        for (LinkMessage next = queue.peek();
                writer != null && next != null && written < AT_ONCE;
                next = queue.peek()) {
            if (!writer.write(next)) {
                break;
            }
            queue.remove();
            written++;
        }
        return written;
    }

    /** Ends it. */
    void close() {
        List<LinkMessage> left;
        synchronized (queue) {
            closed = true;
            left = new ArrayList<>(queue);
            queue.clear();
        }
        CloseHelper.quietCloseAll(out, in, ownsAeron ? aeron : null, elementsIn, elementsOut);
        left.removeIf(message -> message instanceof LinkMessage.OfRoads);
        site.events().down(this, left);
    }
}
