package io.kvstore.cluster.link;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.ExtensionSetup;
import io.kvstore.tensor.BufferPool;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Random;

/**
 * A road that loses, repeats and delays what it is given, then leaves the rest to another: for tests of real actor systems.
 * The seed decides what becomes of the n-th message; which message that is depends on threads. {@link FlakyNetwork} is
 * deterministic.
 */
public final class FlakyRoad implements Link {
    private final Link road;
    private final ActorSystem<?> system;
    private final Random random;
    private final FlakyNetwork.Weather weather;

    private FlakyRoad(Link road, ActorSystem<?> system, long seed, FlakyNetwork.Weather weather) {
        this.road = road;
        this.system = system;
        this.random = new Random(seed);
        this.weather = weather;
    }

    /** What an actor system is made with, {@code ActorSystemSetup.create(.., setup)}, so that its endpoint sends like this. */
    public static ExtensionSetup<Endpoints> setup(long seed, FlakyNetwork.Weather weather) {
        return new ExtensionSetup<>(
                Endpoints.ID,
                system -> Endpoints.create(system, road -> new FlakyRoad(road, system, seed, weather))) {};
    }

    @Override
    public void send(LinkMessage message) {
        if (random.nextDouble() >= weather.loss()) {
            sendLater(message);
        }
        if (random.nextDouble() < weather.repeat()) {
            sendLater(message);
        }
    }

    private void sendLater(LinkMessage message) {
        ByteBuffer bytes = ByteBuffer.allocate(LinkCodec.size(message));
        LinkCodec.write(message, bytes); // now: once the first copy has arrived, its tensors are gone
        LinkMessage copy = LinkCodec.read(bytes.flip(), new BufferPool(0));
        long nanos = weather.leastDelay() + random.nextLong(weather.mostDelay() - weather.leastDelay());
        system.scheduler().scheduleOnce(Duration.ofNanos(nanos), () -> send(road, copy), system.executionContext());
    }

    /** Roads are for one thread at a time. */
    private static void send(Link road, LinkMessage message) {
        synchronized (road) {
            road.send(message);
        }
    }
}
