package io.kvstore.examples.embedding;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AskPattern;
import akka.actor.typed.javadsl.Behaviors;
import io.kvstore.KVStore;
import io.kvstore.optimizer.Optimizer;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;

/**
 * A program with an actor system of its own that takes the store in as a guest.
 *
 * <p>The store's actors run beside the program's; closing the store ends them and nothing else.
 */
public final class Embed {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** What the program's own actor answers, with the store or without. */
    record Ping(ActorRef<String> replyTo) {}

    private Embed() {}

    public static void main(String[] arguments) {
        run(System.out);
    }

    static void run(PrintStream out) {
        ActorSystem<Ping> system = ActorSystem.create(Behaviors.receiveMessage(Embed::onPing), "my-program");
        try {
            try (KVStore kv = KVStore.create("local", system)) {
                out.printf("store '%s' is a guest of actor system '%s'%n", kv.type(), system.name());
                train(kv, out);
            }
            out.println("store closed; the program's own actor answers: " + ping(system));
        } finally {
            system.terminate();
            system.getWhenTerminated().toCompletableFuture().join();
        }
        out.println("actor system terminated by the program");
    }

    private static void train(KVStore kv, PrintStream out) {
        Regression regression = new Regression();
        kv.setOptimizer(Optimizer.sgd()
                .learningRate(0.5)
                .rescaleGrad(1.0 / regression.samples())
                .build());
        regression.fit(
                kv,
                16,
                (step, weight) -> out.printf(
                        Locale.ROOT,
                        "step %2d  weight %-52s error %.1e%n",
                        step,
                        Arrays.toString(weight),
                        regression.distance(weight)));
    }

    private static Behavior<Ping> onPing(Ping ping) {
        ping.replyTo().tell("still here");
        return Behaviors.same();
    }

    private static String ping(ActorSystem<Ping> system) {
        return AskPattern.ask(system, Ping::new, PATIENCE, system.scheduler())
                .toCompletableFuture()
                .join();
    }
}
