package io.kvstore.cluster.link;

import akka.actor.BootstrapSetup;
import akka.actor.Dropped;
import akka.actor.setup.ActorSystemSetup;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.ExtensionSetup;
import akka.actor.typed.eventstream.EventStream;
import akka.actor.typed.javadsl.Behaviors;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.kvstore.cluster.ClusterConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Actor systems with remoting on free ports of this machine's loopback, ended together. */
final class Nodes implements AutoCloseable {
    private final List<ActorSystem<Void>> systems = new ArrayList<>();
    private final AtomicInteger dropped = new AtomicInteger();
    private final CountDownLatch firstDropped = new CountDownLatch(1);

    /** One more system, of the name {@code kvstore}. */
    ActorSystem<Void> start(String... lines) {
        return start(ActorSystemSetup.empty(), lines);
    }

    /** One more system, whose endpoint sends by a flaky road. */
    ActorSystem<Void> start(ExtensionSetup<Endpoints> road, String... lines) {
        return start(ActorSystemSetup.create(road), lines);
    }

    private ActorSystem<Void> start(ActorSystemSetup setup, String... lines) {
        ActorSystem<Void> system =
                ActorSystem.create(Behaviors.empty(), "kvstore", setup.withSetup(BootstrapSetup.create(config(lines))));
        systems.add(system);
        countDropped(system);
        return system;
    }

    /** What a server of the command line has, but for the end of its JVM, and by Artery, with more lines before it. */
    static Config config(String... lines) {
        Config tests = ConfigFactory.parseString("""
                kvstore.server.port = 0
                kvstore.link.road = artery
                kvstore.server.embedded.akka {
                  daemonic = on
                  jvm-shutdown-hooks = off
                  loglevel = WARNING
                  coordinated-shutdown { exit-jvm = off, run-by-jvm-shutdown-hook = off }
                }
                """);
        Config loaded = ConfigFactory.load(
                ConfigFactory.parseString(String.join("\n", lines)).withFallback(tests));
        return ConfigFactory.parseString(String.join("\n", lines)).withFallback(ClusterConfig.server(loaded));
    }

    private void countDropped(ActorSystem<Void> system) {
        ActorRef<Dropped> counter = system.systemActorOf(
                Behaviors.receiveMessage(drop -> {
                    dropped.incrementAndGet();
                    firstDropped.countDown();
                    return Behaviors.same();
                }),
                "dropped",
                akka.actor.typed.Props.empty());
        system.eventStream().tell(new EventStream.Subscribe<>(Dropped.class, counter));
    }

    /** Messages that Akka dropped in any of the systems. */
    int dropped() {
        return dropped.get();
    }

    /** Waits until Akka has dropped something. */
    void awaitDropped() throws InterruptedException {
        if (!firstDropped.await(60, TimeUnit.SECONDS)) {
            throw new AssertionError("nothing was dropped within 60 s");
        }
    }

    @Override
    public void close() {
        systems.forEach(ActorSystem::terminate);
        for (ActorSystem<Void> system : systems) {
            system.getWhenTerminated()
                    .toCompletableFuture()
                    .orTimeout(30, TimeUnit.SECONDS)
                    .join();
        }
    }
}
