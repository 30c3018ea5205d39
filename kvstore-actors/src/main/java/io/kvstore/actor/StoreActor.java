package io.kvstore.actor;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import io.kvstore.KVStoreException;
import io.kvstore.KVStoreSettings;
import io.kvstore.Key;
import io.kvstore.Updater;
import io.kvstore.cuda.CudaDriver;
import io.kvstore.optimizer.Optimizer;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * One store in this JVM: the parent of its key and device actors, and the only one that changes how keys apply pushes.
 *
 * <p>Spawn it in any guardian, talk to its keys by message, or put a {@code KVStore} over it with {@code KVStore.of}. When
 * it stops, the store is gone.
 */
public final class StoreActor extends AbstractBehavior<StoreActor.Command> {

    /** What a store accepts. */
    public sealed interface Command {}

    /** Asks for a key's actor, which exists from now on, initialised or not. */
    public record Find(Key key, ActorRef<Found> replyTo) implements Command {}

    /** The actor of {@code key}; it lives as long as the store. */
    public record Found(Key key, ActorRef<KeyCommand> ref) {}

    /**
     * Changes how the keys, present and future, apply what is pushed from now on: by an optimizer, an updater, or, with
     * both null, by assignment. The values stay.
     */
    public record SetRule(Optimizer optimizer, Updater updater, ActorRef<RuleSet> replyTo) implements Command {
        public SetRule {
            if (optimizer != null && updater != null) {
                throw new IllegalArgumentException("a store has an optimizer or an updater, given both");
            }
        }
    }

    /** Changes the settings of the optimizer in force and keeps its state. */
    public record AdjustOptimizer(UnaryOperator<Optimizer.Builder> change, ActorRef<RuleSet> replyTo)
            implements Command {}

    /**
     * The rule in force; every command that reaches a key after this reply meets it.
     *
     * @param problem why it was not changed, or null if it was
     */
    public record RuleSet(KeyConfig config, String problem) {}

    /** Asks for the actors of several keys at once. */
    public record Open(List<Key> keys, ActorRef<Opened> replyTo) implements Command {}

    /** The keys asked for have actors now. */
    public record Opened() {}

    /** Asks for what a session in this JVM needs. */
    public record Attach(ActorRef<Attached> replyTo) implements Command {}

    /** The store, for sessions in this JVM. */
    public record Attached(StoreContext store) {}

    /** Ends the store. */
    public record Stop() implements Command {}

    /** A store of type {@code local}: each key sums on the host. */
    public static Behavior<Command> create(KVStoreSettings settings) {
        return create("local", settings);
    }

    /** A store of a type of this module; one whose name contains {@code device} sums on device actors. */
    public static Behavior<Command> create(String type, KVStoreSettings settings) {
        return create(type, settings, null);
    }

    /**
     * As {@link #create(String, KVStoreSettings)}, with a driver for the devices that are named as GPUs.
     *
     * @param driver null for the one that is found
     */
    public static Behavior<Command> create(String type, KVStoreSettings settings, CudaDriver driver) {
        return Behaviors.setup(context -> new StoreActor(context, new StoreContext(type, settings), driver));
    }

    private final StoreContext store;
    private int spawned;

    private StoreActor(ActorContext<Command> context, StoreContext store, CudaDriver driver) {
        super(context);
        this.store = store;
        if (store.onDevices()) {
            store.devices(Devices.start(context, store.settings(), driver, store.pool(), store.profile()));
        } else {
            NamedGpus.tellUnused(store.settings(), store.type());
        }
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Find.class, this::onFind)
                .onMessage(Open.class, this::onOpen)
                .onMessage(SetRule.class, this::onSetRule)
                .onMessage(AdjustOptimizer.class, this::onAdjustOptimizer)
                .onMessage(Attach.class, this::onAttach)
                .onMessage(Stop.class, stop -> Behaviors.stopped())
                .onSignal(PostStop.class, signal -> onStop())
                .build();
    }

    private Behavior<Command> onFind(Find find) {
        find.replyTo().tell(new Found(find.key(), actor(find.key())));
        return this;
    }

    private Behavior<Command> onOpen(Open open) {
        open.keys().forEach(this::actor);
        open.replyTo().tell(new Opened());
        return this;
    }

    /** Actor names cannot hold every key, so they are numbered. */
    private ActorRef<KeyCommand> actor(Key key) {
        ActorRef<KeyCommand> actor = store.actor(key);
        if (actor == null) {
            actor = getContext()
                    .spawn(
                            KeyActor.create(Part.head(key), store),
                            "key-" + spawned++,
                            DispatcherSelector.fromConfig("kvstore.dispatcher"));
            store.actors().put(Part.head(key), actor);
        }
        return actor;
    }

    private Behavior<Command> onSetRule(SetRule rule) {
        KeyConfig now = store.config();
        if (rule.optimizer() == null || !rule.optimizer().equals(now.optimizer())) {
            if (now.optimizer() != null
                    && rule.optimizer() != null
                    && !now.optimizer().sameStateAs(rule.optimizer())) {
                getContext()
                        .getLog()
                        .info("optimizer {} replaces {}; its state starts afresh", rule.optimizer(), now.optimizer());
            }
            configure(new KeyConfig(now.version() + 1, rule.optimizer(), rule.updater()));
        }
        rule.replyTo().tell(new RuleSet(store.config(), null));
        return this;
    }

    private Behavior<Command> onAdjustOptimizer(AdjustOptimizer adjust) {
        String problem = null;
        Optimizer now = store.config().optimizer();
        if (now == null) {
            problem = "no optimizer is set; call setOptimizer first";
        } else {
            try {
                problem = adjusted(
                        now,
                        StoreThread.call(
                                () -> adjust.change().apply(now.toBuilder()).build()));
            } catch (KVStoreException e) {
                problem = e.getMessage();
            } catch (Throwable e) { // a user's code may throw anything, and must not stop the store
                problem = "the change threw " + e + "; the optimizer was kept";
            }
        }
        adjust.replyTo().tell(new RuleSet(store.config(), problem));
        return this;
    }

    /** Puts {@code next} in force; or says why its state could not go on from {@code now}'s. */
    private String adjusted(Optimizer now, Optimizer next) {
        if (!now.sameStateAs(next)) {
            return "the change needs other state: " + now + " cannot become " + next
                    + " and keep its state; use setOptimizer to start afresh";
        }
        configure(new KeyConfig(store.config().version() + 1, next, null));
        return null;
    }

    private void configure(KeyConfig config) {
        store.config(config);
        ActorRef<KeyReply> ignore = getContext().getSystem().ignoreRef();
        store.actors().values().forEach(key -> key.tell(new KeyCommand.Configure(config, 0, ignore)));
    }

    private Behavior<Command> onAttach(Attach attach) {
        attach.replyTo().tell(new Attached(store));
        return this;
    }

    /** Children have stopped by now, so nobody reads or writes the records. */
    private Behavior<Command> onStop() {
        store.records().releaseAll();
        store.pool().clear();
        if (store.devices() != null) {
            store.devices().clear();
        }
        return this;
    }
}
