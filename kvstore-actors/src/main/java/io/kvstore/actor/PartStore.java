package io.kvstore.actor;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import io.kvstore.KVStoreSettings;
import io.kvstore.Key;
import io.kvstore.Stats;
import io.kvstore.profile.Profile;
import io.kvstore.tensor.BufferPool;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * One server node's share of a store over many machines: the parts of keys that live there. Whoever places parts on nodes
 * spawns their actors with {@link #behavior}; this keeps what they share, and tells them what changes. Any thread may use
 * it, but {@link #membership} and {@link #configure} are called one at a time.
 */
public final class PartStore {

    /**
     * What is known of one part.
     *
     * @param waitingFor what its requests wait for, in words; empty if for nothing
     */
    public record PartInfo(Part part, Layout layout, long generation, long version, String waitingFor) {

        /** Bytes of the part's value. */
        public long bytes() {
            return layout.shapeOf(part.slice()).length() * layout.dtype().bytes();
        }
    }

    private final StoreContext context;

    /**
     * @param type the store's type, in lower case
     * @param clock milliseconds; generations of keys are at least its time, so that they grow over the lives of a server
     * @param post takes what parts tell other parts of their key, which may live on other nodes, to their {@link #deliver}
     * @param patience how long a part waits for others without a sign that they will come
     */
    public PartStore(
            String type,
            KVStoreSettings settings,
            RoundTerms terms,
            LongSupplier clock,
            PartPost post,
            Duration patience) {
        NamedGpus.tellUnused(settings, type);
        this.context = new StoreContext(
                type,
                settings,
                new Profile("kvstore " + type, System::nanoTime, InstantSource.system()),
                terms,
                clock,
                post,
                patience);
    }

    /** The actor of one part; it is found by {@link #actor} while it runs. */
    public Behavior<KeyCommand> behavior(Part part) {
        return KeyActor.create(part, context);
    }

    /** Makes a part's actor known. It is told what it may have missed between its start and now. */
    public void register(Part part, ActorRef<KeyCommand> actor) {
        context.actors().put(part, actor);
        tell(actor, new KeyEvent.MembersChanged(context.membership()));
        tell(actor, new KeyEvent.ConfigChanged(context.config()));
    }

    private static void tell(ActorRef<KeyCommand> actor, KeyEvent event) {
        actor.<KeyMessage>unsafeUpcast().tell(event);
    }

    /** The part's actor has stopped, and what it held goes with it. */
    public void unregister(Part part, ActorRef<KeyCommand> actor) {
        if (context.actors().remove(part, actor)) {
            context.records().forget(part);
        }
    }

    public Optional<ActorRef<KeyCommand>> actor(Part part) {
        return Optional.ofNullable(context.actors().get(part));
    }

    /** How many parts live here that have no value, or not yet. */
    public int partsWithoutValue() {
        return context.actors().size() - context.records().size();
    }

    /** Hands a part that lives here what another one told it; false if it does not live here. */
    public boolean deliver(Part to, PartMail mail) {
        ActorRef<KeyCommand> actor = context.actors().get(to);
        if (actor == null) {
            return false;
        }
        actor.<KeyMessage>unsafeUpcast().tell(mail);
        return true;
    }

    /** The store's workers changed. News that is older than what is known changes nothing. */
    public void membership(Membership next) {
        if (next.epoch() > context.membership().epoch()) {
            context.membership(next);
            context.actors().values().forEach(actor -> tell(actor, new KeyEvent.MembersChanged(next)));
        }
    }

    public Membership membership() {
        return context.membership();
    }

    /** The configuration in force from now on; in rounds, from the first round to which a worker contributes that knows it. */
    public void configure(KeyConfig config) {
        context.config(config);
        context.actors().values().forEach(actor -> tell(actor, new KeyEvent.ConfigChanged(config)));
    }

    /** The parts that have a value, sorted. */
    public List<PartInfo> parts() {
        return context.records().all().stream()
                .map(record -> new PartInfo(
                        record.part,
                        record.layout,
                        record.generation,
                        record.info().version(),
                        record.waitingFor() == null ? "" : record.waitingFor()))
                .sorted((a, b) -> a.part().compareTo(b.part()))
                .toList();
    }

    /** The keys whose heads live here and have their whole values, sorted. */
    public List<Key> keys() {
        return context.records().all().stream()
                .filter(record -> record.part.isHead() && record.isPublished())
                .map(record -> record.key)
                .sorted()
                .toList();
    }

    /** The switch of this node's profiler. */
    public Profile profile() {
        return context.profile();
    }

    /** Buffers for what comes in over the network. */
    public BufferPool pool() {
        return context.pool();
    }

    /** Counters of this node. */
    public Stats stats() {
        return context.stats(context.held().bytes(), 0);
    }

    /** Releases everything; the actors have stopped. */
    public void close() {
        context.records().releaseAll();
        context.pool().clear();
    }
}
