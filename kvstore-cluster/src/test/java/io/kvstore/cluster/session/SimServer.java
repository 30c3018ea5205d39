package io.kvstore.cluster.session;

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
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/** One life of a server node: a real store of parts, whose actors run when they are told something. */
final class SimServer {
    private final SimNode node;
    private final PartStore store;
    private final Map<Part, BehaviorTestKit<KeyCommand>> parts = new TreeMap<>();
    private final TestInbox<KeyReply> replies = TestInbox.create();

    SimServer(SimNode node, KVStoreSettings settings, RoundTerms terms, LongSupplier millis, PartPost post) {
        this.node = node;
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
        return new ArrayList<>(replies.getAllReceived());
    }

    private void runAll() {
        for (BehaviorTestKit<KeyCommand> each : parts.values()) {
            while (each.selfInbox().hasMessages()) {
                each.runOne();
            }
        }
    }

    /** Bytes that the values of the parts have. */
    long valueBytes() {
        return store.parts().stream().mapToLong(PartStore.PartInfo::bytes).sum();
    }
}
