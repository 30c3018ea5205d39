package io.kvstore.cluster.session;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.actor.KeyConfig;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.Layout;
import io.kvstore.actor.OptimizerState;
import io.kvstore.actor.PartCommand;
import io.kvstore.actor.PartReply;
import io.kvstore.tensor.BufferPool;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The logic of a worker's session, without Akka: calls on whole keys in, requests for parts out; not thread-safe.
 *
 * <p>It numbers pushes, keeps their data until every part has decided, asks again after a silence, finds parts that have
 * moved, and takes the key for lost when a part says so. Nothing here relies on delivery or order; what a part decided
 * once it answers the same way again.
 *
 * <pre>
 *   call ──► KeyLine (order) ──► Operation ──► Requests, one per slice ──► Outside.send ─ ─► part
 *                                                 │ Homes: where to, Pace: when again         │
 *   answer ◄── all parts ◄── Operation ◄── Incoming ◄ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─┘
 * </pre>
 *
 * @param <N> a server node
 */
final class SessionCore<N> {
    private final SessionContext<N> context;
    private final Requests<N> requests;
    private final Incoming<N> incoming;
    private final WaitReasons<N> waitReasons;
    private final Map<Key, KeyLine<N>> lines = new LinkedHashMap<>();
    private long inits;
    private long loads;

    /** @param inRounds whether pushes make rounds, so that all slices of a key have one version */
    SessionCore(Outside<N> outside, BufferPool pool, Timing timing, boolean inRounds) {
        Pace pace = new Pace(timing);
        Homes<N> homes = new Homes<>(outside, pace);
        this.requests = new Requests<>(outside, pace, homes);
        this.incoming = new Incoming<>(outside, pace, homes, requests, this::fenced);
        this.context = new SessionContext<>(outside, requests, pool, inRounds);
        this.waitReasons = new WaitReasons<>(context, Collections.unmodifiableCollection(lines.values()));
    }

    /** Is told what comes from the servers. */
    Incoming<N> incoming() {
        return incoming;
    }

    /** Says what the calls wait for. */
    WaitReasons<N> waitReasons() {
        return waitReasons;
    }

    /** Does what is due. @param time in nanoseconds, from any origin */
    void tick(long time) {
        requests.tick(time);
    }

    // ------------------------------------------------------------------ its place in the store

    /** Who this session is; null while it is not registered. */
    Self self() {
        return context.self();
    }

    /** The session was registered, or learned of another membership. */
    void registered(Self next) {
        Self before = context.self();
        if (before != null && before.incarnation() != next.incarnation()) {
            fence("it was registered as incarnation " + next.incarnation());
        }
        context.self(next);
        List.copyOf(lines.values()).forEach(KeyLine::advance);
    }

    /** The store's configuration has this version, or a higher one. */
    void config(long version) {
        context.config(version);
    }

    /** The coordinator has closed an incarnation. */
    void closed(long incarnation, String why) {
        if (context.self() != null && context.self().incarnation() == incarnation) {
            fenced(why);
        }
    }

    private void fenced(String reason) {
        if (context.self() != null) {
            long closed = context.self().incarnation();
            fence(reason);
            context.outside().fenced(closed);
        }
    }

    /** What was sent under this incarnation ends without an outcome; nothing is sent until the session is registered again. */
    private void fence(String reason) {
        Self self = context.self();
        KVStoreException why = new KVStoreException(
                Reason.FENCED,
                "worker '" + self.worker() + "' was taken for dead and its incarnation " + self.incarnation()
                        + " closed; the outcome is unknown. It registers again (" + reason + ")");
        context.self(null);
        List.copyOf(lines.values()).forEach(line -> line.fence(why));
    }

    /** Ends everything that is open. */
    void close(KVStoreException why) {
        List.copyOf(lines.values()).forEach(line -> line.abortAll(why));
    }

    // ------------------------------------------------------------------ calls

    void init(long call, Key key, Layout layout, Payload payload) {
        line(key).add(new InitOperation<>(line(key), call, layout, payload, ++inits));
    }

    void push(long call, Key key, int priority, Payload payload, boolean pull) {
        KeyLine<N> line = line(key);
        if (refusedUnknown(line, call, pull ? "pushPull" : "push")) {
            payload.release();
            return;
        }
        line.add(new PushOperation<>(line, call, priority, payload, pull));
    }

    void pull(long call, Key key, int priority) {
        KeyLine<N> line = line(key);
        if (!refusedUnknown(line, call, "pull")) {
            line.add(new PullOperation<>(line, call, priority));
        }
    }

    void delete(long call, Key key) {
        KeyLine<N> line = line(key);
        if (!refusedUnknown(line, call, "delete")) {
            line.add(new DeleteOperation<>(line, call));
        }
    }

    /** @param ids in any order and with repeats */
    void pullRows(long call, Key key, int priority, long[] ids) {
        KeyLine<N> line = line(key);
        if (!refusedUnknown(line, call, "rowSparsePull")) {
            line.add(new RowsOperation<>(line, call, priority, ids));
        }
    }

    /** Asks what the optimizer remembers: {@link KeyReply.States} of the whole key, under {@code config}. */
    void gather(long call, Key key, KeyConfig config, int pieceBytes) {
        KeyLine<N> line = line(key);
        if (!refusedUnknown(line, call, "save")) {
            line.add(new GatherOperation<>(line, call, config, pieceBytes));
        }
    }

    /** States for one key, and the call that is answered when all keys have taken up theirs. */
    record Restoring(long call, Key key, OptimizerState state) {}

    /** Makes the optimizer go on from these states, of all keys or of none. */
    void load(List<Restoring> keys, int pieceBytes) {
        StatesLoad<N> load = new StatesLoad<>(++loads);
        keys.forEach(each -> load.add(new LoadOperation<>(line(each.key), each.call, load, each.state, pieceBytes)));
        load.start();
    }

    /** Answered with {@link PartReply.Described}. */
    void describe(long call, Key key) {
        KeyLine<N> line = line(key);
        line.add(
                line.exists()
                        ? new AskOperation<>(line, call, "info", () -> new PartCommand.Describe(0, null))
                        : new DescribeOperation<>(line, call));
    }

    /** Answered with {@link PartReply.Address}. */
    void address(long call, Key key) {
        KeyLine<N> line = line(key);
        if (!refusedUnknown(line, call, "ref")) {
            line.add(new AskOperation<>(line, call, "ref", () -> new PartCommand.AskAddress(0, null)));
        }
    }

    private boolean refusedUnknown(KeyLine<N> line, long call, String what) {
        if (line.exists()) {
            return false;
        }
        KVStoreException why = line.notInitialized(what);
        context.outside().answer(call, new KeyReply.Refused(line.key, 0, why.reason(), why.getMessage()));
        return true;
    }

    private KeyLine<N> line(Key key) {
        return lines.computeIfAbsent(key, k -> new KeyLine<>(context, k));
    }

    /** Runs {@code then} when every push that is open now has arrived at its parts, whether or not they have decided. */
    void whenPushesArrived(Runnable then) {
        List<PartRequest<N>> pushes = requests.all().stream()
                .filter(request -> request.operation instanceof PushOperation)
                .toList();
        requests.whenArrived(pushes, then);
    }
}
