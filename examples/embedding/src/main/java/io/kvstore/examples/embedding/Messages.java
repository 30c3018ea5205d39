package io.kvstore.examples.embedding;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AskPattern;
import akka.actor.typed.javadsl.Behaviors;
import io.kvstore.KVStore;
import io.kvstore.KVStoreSettings;
import io.kvstore.actor.StoreActor;
import io.kvstore.tensor.DenseTensor;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.Function;

/**
 * A program whose own guardian spawns the store and an {@link Averager} that talks to one of its keys, while a
 * {@link KVStore} looks at the same key from outside.
 */
public final class Messages {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** What the guardian made, for the program around it. */
    record Parts(ActorRef<StoreActor.Command> store, ActorRef<Averager.Command> averager) {}

    /** Asks the guardian for its parts. */
    record GetParts(ActorRef<Parts> replyTo) {}

    private Messages() {}

    public static void main(String[] arguments) {
        run(System.out);
    }

    private static Behavior<GetParts> guardian() {
        return Behaviors.setup(context -> {
            KVStoreSettings settings =
                    KVStoreSettings.of(context.getSystem().settings().config());
            ActorRef<StoreActor.Command> store = context.spawn(StoreActor.create(settings), "store");
            ActorRef<Averager.Command> averager = context.spawn(Averager.create(store, 2), "averager");
            return Behaviors.receive(GetParts.class)
                    .onMessage(GetParts.class, get -> {
                        get.replyTo().tell(new Parts(store, averager));
                        return Behaviors.same();
                    })
                    .build();
        });
    }

    static void run(PrintStream out) {
        ActorSystem<GetParts> system = ActorSystem.create(guardian(), "my-actors");
        try {
            Parts parts = AskPattern.ask(system, GetParts::new, PATIENCE, system.scheduler())
                    .toCompletableFuture()
                    .join();
            converse(parts, system, out);
        } finally {
            system.terminate();
            system.getWhenTerminated().toCompletableFuture().join();
        }
    }

    private static void converse(Parts parts, ActorSystem<?> system, PrintStream out) {
        out.println("Add [1, 10]    -> " + add(parts, system, 1, 10));
        out.println("Add [2, 20]    -> " + add(parts, system, 2, 20));
        out.println("Add [1, 2, 3]  -> " + add(parts, system, 1, 2, 3));
        out.println("Add [6, 60]    -> " + add(parts, system, 6, 60));
        out.println("GetMean        -> " + ask(parts, system, Averager.GetMean::new));
        try (KVStore kv = KVStore.of(parts.store(), system)) {
            out.println("kv.pull(total) -> "
                    + Arrays.toString(kv.pull(Averager.TOTAL).toFloatVector()));
        }
        out.println("kv is closed, its store is not");
        out.println("GetMean        -> " + ask(parts, system, Averager.GetMean::new));
    }

    private static String add(Parts parts, ActorSystem<?> system, float... reading) {
        return ask(parts, system, replyTo -> new Averager.Add(DenseTensor.of(reading), replyTo));
    }

    private static String ask(
            Parts parts, ActorSystem<?> system, Function<ActorRef<Averager.Answer>, Averager.Command> command) {
        return AskPattern.ask(parts.averager(), command::apply, PATIENCE, system.scheduler())
                .toCompletableFuture()
                .join()
                .toString();
    }
}
