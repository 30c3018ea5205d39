package io.kvstore.cluster.link;

import io.kvstore.tensor.BufferPool;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Roads between simulated nodes that lose, repeat, delay and reorder messages as one seed decides, in virtual time. Messages
 * travel as bytes, written when they are sent, so that nodes share nothing. Single-threaded: a run is a function of its seed.
 */
public final class FlakyNetwork {
    private static final long TICK = TimeUnit.MILLISECONDS.toNanos(200);

    /**
     * What happens to each message.
     *
     * @param loss probability of never arriving
     * @param repeat probability of arriving once more
     * @param leastDelay in nanoseconds
     * @param mostDelay in nanoseconds; delays between are equally likely, so later messages overtake earlier ones
     */
    public record Weather(double loss, double repeat, long leastDelay, long mostDelay) {
        /** Nothing is lost; everything takes 100 us and keeps its order. */
        public static final Weather FAIR = new Weather(0, 0, 100_000, 100_000);
    }

    private record Event(long at, long number, Runnable body) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            return at != other.at ? Long.compare(at, other.at) : Long.compare(number, other.number);
        }
    }

    private record Node(NodeId id, BufferPool pool, EndpointCore core) {}

    private final Random random;
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final Map<NodeId, Node> nodes = new HashMap<>(); // by address
    private Weather weather;
    private long now = TimeUnit.HOURS.toNanos(1);
    private long number;

    public FlakyNetwork(long seed, Weather weather) {
        this.random = new Random(seed);
        this.weather = weather;
    }

    public void weather(Weather next) {
        weather = next;
    }

    /** The virtual time, in nanoseconds. */
    public LongSupplier clock() {
        return () -> now;
    }

    /** The road of every node. */
    public Link link() {
        return this::send;
    }

    /** Lets a node receive, in place of whoever was at its address, and tick from now on. */
    public void join(NodeId id, BufferPool pool, EndpointCore core) {
        Node node = new Node(id, pool, core);
        nodes.put(id.anyLife(), node);
        tick(node);
    }

    private void tick(Node node) {
        after(TICK, () -> {
            if (nodes.get(node.id.anyLife()) == node) {
                node.core.tick();
                tick(node);
            }
        });
    }

    /** Stops a node at once: it receives nothing and ticks no more. */
    public void crash(NodeId id) {
        nodes.remove(id.anyLife());
    }

    /** Runs {@code body} when {@code nanos} have passed. */
    public void after(long nanos, Runnable body) {
        events.add(new Event(now + nanos, number++, body));
    }

    private void send(LinkMessage message) {
        ByteBuffer bytes = ByteBuffer.allocate(LinkCodec.size(message));
        LinkCodec.write(message, bytes);
        bytes.flip();
        if (random.nextDouble() >= weather.loss) {
            deliverLater(message.to(), bytes);
        }
        if (random.nextDouble() < weather.repeat) {
            deliverLater(message.to(), bytes);
        }
    }

    private void deliverLater(NodeId to, ByteBuffer bytes) {
        long spread = weather.mostDelay - weather.leastDelay;
        long delay = weather.leastDelay + (spread == 0 ? 0 : random.nextLong(spread));
        after(delay, () -> {
            Node node = nodes.get(to.anyLife());
            if (node != null) {
                node.core.receive(LinkCodec.read(bytes.duplicate(), node.pool));
                node.core.flush();
            }
        });
    }

    /** Lets the next thing happen. Returns whether there was one before {@code until}, on {@link #clock}. */
    public boolean step(long until) {
        if (events.isEmpty() || events.peek().at > until) {
            now = Math.max(now, until);
            return false;
        }
        Event event = events.poll();
        now = event.at;
        event.body.run();
        return true;
    }

    /** Lets {@code nanos} pass. */
    public void run(long nanos) {
        long until = now + nanos;
        while (step(until)) {}
    }
}
