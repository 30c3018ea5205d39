package io.kvstore.cluster.command;

import akka.Done;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.cluster.ServerAddress;
import io.kvstore.cluster.status.StatusClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** A short-lived actor system that asks servers and joins nothing. */
final class Client implements AutoCloseable {
    private static final long ENDING_SECONDS = 5;

    private final ActorSystem<Void> system;
    private final List<ServerAddress> servers;
    private final Duration timeout;
    private final StatusClient status;

    /** @param config of the system, as {@link io.kvstore.cluster.ClusterConfig#client} makes it */
    Client(Config config, List<ServerAddress> servers, Duration timeout) {
        this.system = system(config);
        this.servers = List.copyOf(servers);
        this.timeout = timeout;
        this.status = new StatusClient(system);
    }

    /** A system that tells what went wrong by its answers, not by its log. */
    static ActorSystem<Void> system(Config config) {
        Config quiet = ConfigFactory.parseMap(Map.of("akka.loglevel", "ERROR")).withFallback(config);
        return ActorSystem.create(Behaviors.empty(), ServerAddress.SYSTEM, quiet);
    }

    StatusClient status() {
        return status;
    }

    Duration timeout() {
        return timeout;
    }

    /** Asks one server after the other. @throws KVStoreException if none answers, naming all */
    <T> T firstAnswer(Function<ServerAddress, CompletionStage<T>> question) {
        List<String> failures = new ArrayList<>();
        for (ServerAddress server : servers) {
            try {
                return question.apply(server).toCompletableFuture().join();
            } catch (CompletionException e) {
                failures.add(e.getCause().getMessage());
            }
        }
        throw new KVStoreException(
                Reason.TIMEOUT,
                String.join("; ", failures) + "; is a server running there? 'kvstore doctor --seed " + servers.get(0)
                        + "' finds out more");
    }

    @Override
    public void close() {
        end(system);
    }

    /** Waits a moment, so that what was sent goes out; what is left then are daemon threads, which end with the program. */
    static void end(ActorSystem<?> system) {
        system.terminate();
        system.getWhenTerminated()
                .toCompletableFuture()
                .completeOnTimeout(Done.getInstance(), ENDING_SECONDS, TimeUnit.SECONDS)
                .join();
    }
}
