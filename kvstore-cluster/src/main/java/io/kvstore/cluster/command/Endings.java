package io.kvstore.cluster.command;

import akka.Done;
import akka.actor.CoordinatedShutdown;
import akka.actor.CoordinatedShutdown.ClusterDowningReason$;
import akka.actor.CoordinatedShutdown.ClusterJoinUnsuccessfulReason$;
import akka.actor.CoordinatedShutdown.IncompatibleConfigurationDetectedReason$;
import akka.actor.CoordinatedShutdown.Reason;
import akka.actor.typed.ActorSystem;
import io.kvstore.cluster.ClusterSettings;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Says why a server ends that nobody asked to. */
final class Endings {
    private static final Map<Class<? extends Reason>, String> WORDS = Map.of(
            ClusterDowningReason$.class,
            "the other servers went on without it, or it was left without their majority; start it again",
            ClusterJoinUnsuccessfulReason$.class,
            "none of the seed nodes let it join in time: ",
            IncompatibleConfigurationDetectedReason$.class,
            "its slice-bytes, number-of-shards or protocol differ from the other servers', whose log says which");

    private Endings() {}

    static void tell(ActorSystem<?> system, ClusterSettings settings, PrintWriter err) {
        CoordinatedShutdown shutdown = CoordinatedShutdown.get(system);
        shutdown.addTask(CoordinatedShutdown.PhaseBeforeServiceUnbind(), "kvstore-tell-why", () -> {
            shutdown.getShutdownReason()
                    .map(reason -> words(reason, settings))
                    .filter(words -> !words.isEmpty())
                    .ifPresent(words -> err.println("kvstore server: ends, for " + words));
            return CompletableFuture.completedFuture(Done.getInstance());
        });
    }

    private static String words(Reason reason, ClusterSettings settings) {
        String words = WORDS.getOrDefault(reason.getClass(), "");
        return words.endsWith(": ") ? words + settings.job().seedNodes() : words;
    }
}
