package io.kvstore.cluster.session;

import akka.actor.testkit.typed.Effect;
import akka.actor.testkit.typed.javadsl.BehaviorTestKit;
import akka.actor.testkit.typed.javadsl.TestInbox;
import akka.actor.typed.PreRestart;
import io.kvstore.KVStoreSettings;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyConfig;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.Membership;
import io.kvstore.actor.Part;
import io.kvstore.actor.PartMail;
import io.kvstore.actor.PartPost;
import io.kvstore.actor.PartStore;
import io.kvstore.actor.RoundTerms;
import io.kvstore.tensor.BufferPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** One life of a server node: a real store of parts, whose actors run when they are told something. */
final class SimServer {
    private final SimNode node;
    private final PartStore store;
    private final Map<Part, BehaviorTestKit<KeyCommand>> parts = new TreeMap<>();
    private final Map<Timer, Effect> latest = new HashMap<>();
    private final Timers timers;
    private final TestInbox<KeyReply> replies = TestInbox.create();

    private record Timer(Part part, Object key) {}

    /** Does something of a server later; it gives the replies that come of it. */
    interface Timers {
        void in(SimServer server, long millis, Supplier<List<KeyReply>> work);
    }

    SimServer(
            SimNode node,
            KVStoreSettings settings,
            RoundTerms terms,
            LongSupplier millis,
            PartPost post,
            Timers timers) {
        this.node = node;
        this.timers = timers;
        this.store = new PartStore(
                terms.inRounds() ? "dist_sync" : "dist_async", settings, terms, millis, post, Duration.ofSeconds(10));
    }

    SimNode node() {
        return node;
    }

    BufferPool pool() {
        return store.pool();
    }

    PartStore store() {
        return store;
    }

    boolean has(Part part) {
        return parts.containsKey(part);
    }

    List<Part> parts() {
        return List.copyOf(parts.keySet());
    }

    void start(Part part) {
        BehaviorTestKit<KeyCommand> actor = BehaviorTestKit.create(store.behavior(part));
        parts.put(part, actor);
        store.register(part, actor.getRef());
        runAll();
    }

    /** Makes a part's actor fail and start again. */
    List<KeyReply> restart(Part part) {
        parts.get(part).signal(PreRestart.instance());
        latest.keySet().removeIf(timer -> timer.part.equals(part));
        start(part);
        return replies();
    }

    List<KeyReply> membership(Membership membership) {
        store.membership(membership);
        return replies();
    }

    List<KeyReply> configure(KeyConfig config) {
        store.configure(config);
        return replies();
    }

    /** Gives a command to its part; its reply, now or later, has the id {@code call}. */
    List<KeyReply> deliver(Part part, long call, KeyCommand command) {
        parts.get(part).getRef().tell(command.answering(call, replies.getRef()));
        return replies();
    }

    /** Gives a part what another one told it. */
    List<KeyReply> deliver(Part part, PartMail mail) {
        store.deliver(part, mail);
        return replies();
    }

    private List<KeyReply> replies() {
        runAll();
        parts.entrySet().removeIf(each -> isOver(each.getKey(), each.getValue()));
        return new ArrayList<>(replies.getAllReceived());
    }

    private void runAll() {
        parts.forEach((part, actor) -> {
            while (actor.selfInbox().hasMessages()) {
                actor.runOne();
            }
            for (Effect each : actor.getAllEffects()) {
                if (each instanceof Effect.TimerScheduled<?> timer) {
                    latest.put(new Timer(part, timer.key()), each);
                    timers.in(this, timer.delay().toMillis(), () -> fire(part, timer));
                }
            }
        });
    }

    /** Whether a part's actor has stopped of itself, as one does that has no value. */
    private boolean isOver(Part part, BehaviorTestKit<KeyCommand> actor) {
        if (actor.isAlive()) {
            return false;
        }
        store.unregister(part, actor.getRef());
        return true;
    }

    /** The part's timer has gone off, unless it was set again meanwhile. */
    private List<KeyReply> fire(Part part, Effect.TimerScheduled<?> timer) {
        Timer name = new Timer(part, timer.key());
        if (latest.get(name) == timer) { // itself: timers that do the same are equal
            latest.remove(name);
            timer.send().apply();
        }
        return replies();
    }

    /** Bytes that the values of the parts have. */
    long valueBytes() {
        return store.parts().stream().mapToLong(PartStore.PartInfo::bytes).sum();
    }
}
