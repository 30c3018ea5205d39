package io.kvstore.cluster.session;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyConfig;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.Layout;
import io.kvstore.actor.OptimizerState;
import io.kvstore.actor.Part;
import io.kvstore.actor.PartCommand;
import io.kvstore.actor.PartReply;
import io.kvstore.tensor.BufferPool;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The logic of a worker's session, without Akka: calls on whole keys in, requests for parts out; not thread-safe.
 *
 * <p>It numbers pushes, keeps their data until every part has decided, asks again after a silence, finds parts that have
 * moved, and takes the key for lost when a part says so. Nothing here relies on delivery or order; what a part decided
 * once it answers the same way again.
 *
 * <pre>
 *   call ──► KeyLine (order) ──► Operation ──► PartRequest per slice ──► Outside.send ─ ─► part
 *   answer ◄── all parts ◄── Operation ◄── onReply ◄ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─┘
 * </pre>
 *
 * @param <N> a server node
 */
final class SessionCore<N> {
    private final Outside<N> outside;
    private final BufferPool pool;
    private final Timing timing;
    private final boolean inRounds;
    private final Map<Key, KeyLine<N>> lines = new LinkedHashMap<>();
    private final Map<Long, PartRequest<N>> open = new LinkedHashMap<>();
    private final Homeless<N> homeless = new Homeless<>();
    private final Routes<N> routes = new Routes<>();
    private final List<Arrival> arrivals = new ArrayList<>();
    private long inits;
    private long loads;
    private long config;
    private long now;
    /** How long the request took that was answered last. */
    private long latency;

    private Self self;

    /** @param inRounds whether pushes make rounds, so that all slices of a key have one version */
    SessionCore(Outside<N> outside, BufferPool pool, Timing timing, boolean inRounds) {
        this.outside = outside;
        this.pool = pool;
        this.timing = timing;
        this.inRounds = inRounds;
    }

    Outside<N> outside() {
        return outside;
    }

    BufferPool pool() {
        return pool;
    }

    boolean inRounds() {
        return inRounds;
    }

    /** Who this session is; null while it is not registered. */
    Self self() {
        return self;
    }

    /** The highest version of the store's configuration that this worker knows. */
    long config() {
        return config;
    }

    void config(long version) {
        config = Math.max(config, version);
    }

    /** The session was registered, or learned of another membership. */
    void registered(Self next) {
        if (self != null && self.incarnation() != next.incarnation()) {
            fence("it was registered as incarnation " + next.incarnation());
        }
        self = next;
        List.copyOf(lines.values()).forEach(KeyLine::advance);
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
        List<LoadOperation<N>> operations = new ArrayList<>();
        for (Restoring each : keys) {
            operations.add(new LoadOperation<>(line(each.key), each.call, load, each.state, pieceBytes));
            load.add(operations.get(operations.size() - 1));
        }
        for (LoadOperation<N> each : operations) {
            if (!each.line.exists()) {
                load.refused(new KeyReply.Refused(
                        each.line.key, 0, Reason.NOT_INITIALIZED, "load of a key that is not there any more"));
                return;
            }
        }
        operations.forEach(each -> each.line.add(each));
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
        outside.answer(call, new KeyReply.Refused(line.key, 0, why.reason(), why.getMessage()));
        return true;
    }

    private KeyLine<N> line(Key key) {
        return lines.computeIfAbsent(key, k -> new KeyLine<>(this, k));
    }

    // ------------------------------------------------------------------ requests of operations

    /**
     * Sends a request for one slice, and again until it is answered for good.
     *
     * @param probe asks what became of it, if its data need not be sent again for that; else null
     */
    void request(Operation<N> operation, int slice, Supplier<KeyCommand> command, Supplier<KeyCommand> probe) {
        PartRequest<N> request = new PartRequest<>(
                outside.nextId(), operation.line.part(slice), operation, operation.priority, command, probe, now);
        open.put(request.id, request);
        operation.sent(request);
        send(request);
    }

    /** Sends something to which no answer is awaited. */
    void tell(Part part, KeyCommand command) {
        N home = routes.of(part);
        if (home != null) {
            outside.send(home, outside.nextId(), part, 0, command);
        }
    }

    /** Forgets an operation's requests. */
    void drop(Operation<N> operation) {
        if (operation.open == 0) {
            return; // the usual end: everything was answered
        }
        operation.open = 0;
        for (PartRequest<N> request = operation.last; request != null; request = request.before) {
            if (open.remove(request.id) != null) {
                homeless.remove(request);
                arrived(request);
            }
        }
    }

    /** Leaves a request alone until {@link #sendAgain}. */
    void pause(PartRequest<N> request) {
        request.dueAt = Long.MAX_VALUE;
    }

    void sendAgain(PartRequest<N> request) {
        if (open.get(request.id) == request) {
            request.withData = true;
            send(request);
        }
    }

    private void send(PartRequest<N> request) {
        N home = routes.of(request.part);
        request.dueAt = now + timing.ask(request.attempts);
        request.attempts++;
        if (home == null) {
            request.sentTo = null;
            homeless.add(request);
            if (request.attempts > 1 && homeless.isDueAgain(request.part)) {
                outside.locate(request.part);
            }
            lookForNext();
            return;
        }
        request.sentTo = home;
        request.sentAt = now;
        KeyCommand command = request.next();
        request.withData = false; // after a silence it is asked about; what did not arrive is sent again
        outside.send(home, request.id, request.part, request.priority, command);
    }

    /** Asks where parts live whose turn it is. */
    private void lookForNext() {
        for (Part part = homeless.next(); part != null; part = homeless.next()) {
            for (PartRequest<N> request : homeless.of(part)) {
                request.attempts = 1;
                request.dueAt = now + timing.ask(0);
                request.unreachableSince = now;
            }
            outside.locate(part);
        }
    }

    // ------------------------------------------------------------------ what comes in

    /** A part lives on {@code node}: what waited for that goes there. */
    void located(Part part, N node) {
        routes.put(part, node);
        for (PartRequest<N> request : homeless.found(part, now)) {
            if (open.get(request.id) == request) { // else it was answered from where the part was before
                request.attempts = 0;
                send(request);
            }
        }
        lookForNext();
    }

    /** There are servers again, to ask where parts live. */
    void serversMet() {
        homeless.looked().forEach(outside::locate);
    }

    /** The node to which a request went does not have its part. */
    void notHere(long id) {
        PartRequest<N> request = open.get(id);
        if (request != null) {
            if (request.sentTo != null && request.sentTo.equals(routes.of(request.part))) {
                routes.forget(request.part);
            }
            request.withData = true;
            request.unreachableSince = now; // a server answered, and another life of the part will be found
            send(request);
        }
    }

    /** A request is known not to have arrived. */
    void lost(long id) {
        PartRequest<N> request = open.get(id);
        if (request != null && request.dueAt != Long.MAX_VALUE) {
            request.withData = true;
            send(request);
        }
    }

    /** A node has been silent for the session timeout: calls that wait for it end, and parts are looked for anew. */
    void dead(N node) {
        routes.forgetNode(node).forEach(part -> outside.doubted(part.key()));
        Map<Operation<N>, Part> waiting = new LinkedHashMap<>();
        for (PartRequest<N> request : open.values()) {
            if (node.equals(request.sentTo)) {
                waiting.putIfAbsent(request.operation, request.part);
            }
        }
        waiting.forEach((operation, part) -> operation.line.unreachable(
                operation, "server " + node + ", which holds " + part + ", does not answer"));
        for (PartRequest<N> request : List.copyOf(open.values())) {
            if (node.equals(request.sentTo)) {
                request.withData = true;
                request.unreachableSince = now;
                send(request);
            }
        }
    }

    /** The answer to a request, perhaps for the second time. */
    void onReply(long id, KeyReply reply) {
        PartRequest<N> request = open.get(id);
        if (request == null) {
            reply.release();
            return;
        }
        request.unreachableSince = now;
        if (reply instanceof PartReply.Held held) {
            request.waitingFor = held.waitingFor();
            request.dueAt = now + timing.askAtMost();
            arrived(request);
        } else if (reply instanceof PartReply.Unheld && request.probe != null) {
            request.withData = true;
            send(request);
        } else if (reply instanceof KeyReply.Refused refused) {
            onRefused(request, refused);
        } else if (!reply.isLast()) {
            request.dueAt = now + timing.askAtMost();
            request.operation.onReply(request, reply);
        } else {
            settle(request, reply);
        }
    }

    private void settle(PartRequest<N> request, KeyReply reply) {
        open.remove(request.id);
        latency = now - request.sentAt;
        homeless.remove(request); // answered from where its part was before, perhaps
        request.operation.open--;
        arrived(request);
        request.operation.onReply(request, reply);
    }

    private void arrived(PartRequest<N> request) {
        arrivals.removeIf(arrival -> arrival.arrived(request.id));
    }

    private void onRefused(PartRequest<N> request, KeyReply.Refused refused) {
        switch (refused.reason()) {
            case BUSY, OUT_OF_ORDER, RECOVERING -> later(request);
            case NOT_JOINED -> request.operation.line.join(request);
            case FENCED -> fenced(refused.message());
            case NOT_INITIALIZED, STALE_GENERATION -> {
                if (request.operation instanceof InitOperation
                        || request.operation instanceof DescribeOperation
                        || request.operation instanceof AskOperation) {
                    settle(request, refused);
                } else {
                    request.operation.line.lost(new KVStoreException(
                            Reason.NOT_INITIALIZED,
                            request.part.key(),
                            request.operation.what() + ": " + request.part + " is not there any more ("
                                    + refused.message() + "); the key is lost as a whole, initialise it again"));
                }
            }
            default -> {
                if (request.operation instanceof Joining) {
                    later(request); // it has no caller to tell
                } else {
                    settle(request, refused);
                }
            }
        }
    }

    private void later(PartRequest<N> request) {
        request.withData = true;
        request.dueAt = now + timing.busy(request.refusals++);
    }

    private void fenced(String reason) {
        if (self != null) {
            long closed = self.incarnation();
            fence(reason);
            outside.fenced(closed);
        }
    }

    /** What was sent under this incarnation ends without an outcome; nothing is sent until the session is registered again. */
    private void fence(String reason) {
        KVStoreException why = new KVStoreException(
                Reason.FENCED,
                "worker '" + self.worker() + "' was taken for dead and its incarnation " + self.incarnation()
                        + " closed; the outcome is unknown. It registers again (" + reason + ")");
        self = null;
        List.copyOf(lines.values()).forEach(line -> line.fence(why));
    }

    /** The coordinator has closed an incarnation. */
    void closed(long incarnation, String why) {
        if (self != null && self.incarnation() == incarnation) {
            fenced(why);
        }
    }

    /** Runs {@code then} when every push that is open now has arrived at its parts, whether or not they have decided. */
    void whenArrived(Runnable then) {
        Set<Long> pushes = new HashSet<>();
        for (PartRequest<N> request : List.copyOf(open.values())) {
            if (request.operation instanceof PushOperation && open.get(request.id) == request) {
                pushes.add(request.id);
            }
        }
        if (pushes.isEmpty()) {
            then.run();
            return;
        }
        arrivals.add(new Arrival(pushes, then));
        for (long id : pushes) {
            PartRequest<N> request = open.get(id);
            if (request != null && request.sentTo != null && request.dueAt != Long.MAX_VALUE) {
                send(request);
            }
        }
    }

    /** Says what a call waits for, in words, once its part has been asked; empty if it is not open. */
    void ask(long call, Consumer<Optional<String>> answer) {
        PartRequest<N> request = requestOf(call);
        if (request == null || request.probe == null || request.sentTo == null || request.dueAt == Long.MAX_VALUE) {
            answer.accept(explain(call));
            return;
        }
        arrivals.add(new Arrival(Set.of(request.id), () -> answer.accept(explain(call))));
        send(request);
    }

    /** What a call waits for, in words, as far as is known; empty if it is not open. */
    Optional<String> explain(long call) {
        PartRequest<N> request = requestOf(call);
        KeyLine<N> line = lineOf(call);
        if (line != null && self == null) {
            return Optional.of("this worker has to register again");
        }
        if (line != null) {
            return Optional.of("it waits for earlier requests of the key"
                    + (request == null ? "" : ", " + request.operation.what() + " first: " + explain(request)));
        }
        return Optional.ofNullable(request).map(this::explain);
    }

    /** A request that the call waits for, its own or one before it; null if there is none. */
    private PartRequest<N> requestOf(long call) {
        KeyLine<N> line = lineOf(call);
        return open.values().stream()
                .filter(request -> line == null ? request.operation.isFor(call) : request.operation.line == line)
                .findFirst()
                .orElse(null);
    }

    /** The key in whose line the call waits for its turn; null if it does not. */
    private KeyLine<N> lineOf(long call) {
        return lines.values().stream()
                .filter(line -> line.waitsFor(call))
                .findFirst()
                .orElse(null);
    }

    private String explain(PartRequest<N> request) {
        if (request.sentTo == null) {
            return "no server has said where " + request.part + " lives";
        }
        String why = request.waitingFor == null ? "it has not answered" : request.waitingFor;
        return request.part + " on server " + request.sentTo + ": " + why;
    }

    /** Does what is due. */
    void tick(long time) {
        now = time;
        List<PartRequest<N>> due = new ArrayList<>();
        for (PartRequest<N> request : open.values()) {
            if (isUnreachable(request) || isDue(request)) {
                due.add(request);
            }
        }
        for (PartRequest<N> request : due) {
            if (open.get(request.id) == request && isUnreachable(request)) {
                request.unreachableSince = now;
                request.operation.line.unreachable(
                        request.operation,
                        "no server has answered for " + request.part + " for "
                                + TimeUnit.NANOSECONDS.toMillis(timing.lostAfter()) + " ms");
            }
            if (open.get(request.id) == request && isDue(request)) {
                send(request);
            }
        }
        lookForNext();
    }

    /** Whether no server is known to live that answers for its part. */
    private boolean isUnreachable(PartRequest<N> request) {
        return request.sentTo == null && now - homeless.silentSince(request) >= timing.lostAfter();
    }

    /** One that is silent is not asked about while answers to others take half as long: it stands in the same long queue. */
    private boolean isDue(PartRequest<N> request) {
        boolean isSilent = request.sentTo != null && !request.withData;
        return now >= request.dueAt && (!isSilent || now - request.sentAt >= Math.min(2 * latency, timing.askAtMost()));
    }

    /** Ends everything that is open. */
    void close(KVStoreException why) {
        List.copyOf(lines.values()).forEach(line -> line.abortAll(why));
    }
}
