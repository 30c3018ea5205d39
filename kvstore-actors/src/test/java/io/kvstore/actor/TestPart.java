package io.kvstore.actor;

import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Kernels;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Shape;
import io.kvstore.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;

/**
 * One part of a cluster's key without its actor, told what to do and asked what it has answered. Requests are named; what
 * was said to each is a list of words such as {@code done 1}, {@code value 2 [3.0]} or {@code BUSY}.
 */
final class TestPart implements KeyState.Effects<String> {
    static final Key KEY = Key.of("w");
    static final int LENGTH = 2;

    /** What the part's node has: it outlives the part's actor. */
    final BufferPool pool = new BufferPool(0);

    final KeyRecords records = new KeyRecords(() -> 100);
    final HeldBytes held;
    private final RoundTerms terms;
    private final int slice;
    private final HostCommit arithmetic = new HostCommit(pool, Kernels.LOCAL_GROUP);
    private final Map<Long, KeyConfig> configs = new TreeMap<>(Map.of(0L, KeyConfig.ASSIGN));
    private final Map<String, List<String>> said = new TreeMap<>();
    private final Queue<Commit> commits = new ArrayDeque<>();
    private boolean holdsCommits;
    private Membership membership = Membership.NONE;
    private KeyState<String> key;
    private PartState<String> part;

    TestPart(RoundTerms terms, int slice) {
        this.terms = terms;
        this.slice = slice;
        this.held = new HeldBytes(terms.heldBytes());
        start();
    }

    static TestPart inRounds() {
        return new TestPart(new RoundTerms(true, true, false, 1 << 20), 0);
    }

    static TestPart async() {
        return new TestPart(new RoundTerms(false, false, false, 1 << 20), 0);
    }

    private void start() {
        key = new KeyState<>(new Part(KEY, slice), records, pool, configs.get(latestConfig()), 100, this, terms, held);
        part = new PartState<>(new Part(KEY, slice), key, records, this);
        part.membership(membership);
    }

    private long latestConfig() {
        return configs.keySet().stream().mapToLong(Long::longValue).max().orElse(0);
    }

    /** The actor fails and starts again. */
    void restart() {
        key.abandon(Reason.BUSY, "restart");
        part.abandon(Reason.BUSY, "restart");
        start();
    }

    /** What was said to a request since it was last asked for. */
    List<String> said(String to) {
        List<String> all = said.remove(to);
        return all == null ? List.of() : all;
    }

    // ------------------------------------------------------------------ the workers

    /** The live workers by rank, such as {@code a1}: worker a in incarnation 1; empty where nobody has that rank. */
    void members(long lastIncarnation, String... workers) {
        members(lastIncarnation, Set.of(), workers);
    }

    void members(long lastIncarnation, Set<Long> left, String... workers) {
        List<Member> members = new ArrayList<>();
        for (int rank = 0; rank < workers.length; rank++) {
            if (!workers[rank].isEmpty()) {
                members.add(new Member(workers[rank].substring(0, 1), incarnation(workers[rank]), rank));
            }
        }
        membership = new Membership(membership.epoch() + 1, lastIncarnation, members, left);
        part.membership(membership);
    }

    long epoch() {
        return membership.epoch();
    }

    private static long incarnation(String worker) {
        return Long.parseLong(worker.substring(1));
    }

    Origin origin(String worker, long seq) {
        return origin(worker, seq, latestConfig());
    }

    Origin origin(String worker, long seq, long config) {
        return new Origin(worker.substring(0, 1), incarnation(worker), generation(), seq, config);
    }

    // ------------------------------------------------------------------ requests

    static Layout layout(int slices) {
        return new Layout(Shape.of((long) slices * LENGTH), DType.FLOAT32, false, LENGTH);
    }

    /** An init, the first value of it if {@code value} is not null. */
    void announce(String to, String worker, long number, int slices, float[] value) {
        announce(to, worker, number, 0, slices, value);
    }

    /** @param lost the life of the key that the worker knows to be over */
    void announce(String to, String worker, long number, long lost, int slices, float[] value) {
        Origin origin = new Origin(worker.substring(0, 1), incarnation(worker), lost, number);
        Tensor first = value == null ? null : tensor(value);
        part.on(new PartCommand.Announce(layout(slices), first, origin, epoch(), 0, null), to);
    }

    /** An init of a row-sparse key of one slice, without rows. */
    void announceRows(String to, String worker, Layout layout) {
        Origin origin = new Origin(worker.substring(0, 1), incarnation(worker), 0, 1);
        RowSparseTensor none =
                RowSparseTensor.of(layout.shape(), new long[0], pool.zeros(layout.dtype(), Shape.of(0, 1)));
        part.on(new PartCommand.Announce(layout, none, origin, epoch(), 0, null), to);
    }

    /** Makes a key of one slice with zeros as its first value. */
    void found(String... workers) {
        members(workers.length, workers);
        announce("found", workers[0], 1, 1, new float[LENGTH]);
        said.remove("found");
    }

    void load(String to, long generation, List<Seat> seats, float... value) {
        part.on(new PartCommand.Load(layout(3), tensor(value), generation, seats, 0, null), to);
    }

    void publish(String to, long generation) {
        part.on(new PartCommand.Publish(generation, 0, null), to);
    }

    void forget(String to, long generation) {
        part.on(new PartCommand.Forget(generation, 0, null), to);
    }

    void describe(String to) {
        part.on(new PartCommand.Describe(0, null), to);
    }

    void attach(String to, String worker) {
        part.on(new PartCommand.Attach(origin(worker, 0), 0, null), to);
    }

    void join(String to, String worker, long firstRound) {
        part.on(new PartCommand.Join(origin(worker, 0), firstRound, 0, null), to);
    }

    /** A push whose request has the name of the worker and the seq, such as {@code a1 2}. */
    void push(String worker, long seq, float... gradient) {
        push(worker + " " + seq, origin(worker, seq), tensor(gradient));
    }

    void push(String to, Origin origin, Tensor gradient) {
        key.push(List.of(gradient), origin, false, to);
    }

    void pushPull(String to, String worker, long seq, float... gradient) {
        key.push(List.of(tensor(gradient)), origin(worker, seq), true, to);
    }

    void probe(String to, String worker, long seq) {
        part.on(new PartCommand.Probe(origin(worker, seq), false, 0, null), to);
    }

    /** @param after the worker's last push */
    void pull(String to, String worker, long after, long minVersion) {
        key.pull(new Reading(origin(worker, after), minVersion), to);
    }

    void configure(long version, double rescale) {
        KeyConfig config = new KeyConfig(version, Optimizer.of("test", Map.of("rescale_grad", rescale)), null);
        configs.put(version, config);
        key.configure(config);
    }

    /** A pooled tensor, as it comes from the network. */
    DenseTensor tensor(float... values) {
        return pool.filled(
                DType.FLOAT32,
                Shape.of(values.length),
                into -> System.arraycopy(values, 0, into.floats(), 0, values.length));
    }

    // ------------------------------------------------------------------ what is there

    KeyRecord record() {
        return records.find(new Part(KEY, slice));
    }

    long generation() {
        return record() == null ? 0 : record().generation;
    }

    float[] value() {
        return record().value.floats().clone();
    }

    long version() {
        return record().version;
    }

    /** Bytes that the part has beyond its value. */
    long extraBytes() {
        return pool.liveBytes() - (record() == null ? 0 : record().value.bytes());
    }

    // ------------------------------------------------------------------ commits

    /** From now on commits wait for {@link #carryOut}. */
    void holdCommits() {
        holdsCommits = true;
    }

    void carryOut() {
        Commit commit = commits.remove();
        key.committed(commit, arithmetic.carryOut(commit));
    }

    void failCommit() {
        Commit commit = commits.remove();
        commit.releaseGradients();
        key.commitFailed(commit, Reason.UPDATER_FAILED, "as planned");
    }

    // ------------------------------------------------------------------ effects

    private void say(String to, String what) {
        said.computeIfAbsent(to, t -> new ArrayList<>()).add(what);
    }

    @Override
    public void done(String to, long version) {
        say(to, "done " + version);
    }

    @Override
    public void value(String to, long version, DenseTensor value) {
        say(to, "value " + version + " " + Arrays.toString(value.floats()));
        value.release();
    }

    @Override
    public void part(String to, PartReply reply) {
        if (reply instanceof PartReply.Published published) {
            say(to, "published " + published.generation() + " " + published.version());
        } else if (reply instanceof PartReply.Give give) {
            say(to, "give " + give.generation() + " " + give.seats().size() + " seats");
        } else if (reply instanceof PartReply.Attached attached) {
            say(to, "attached " + attached.openRound());
        } else if (reply instanceof PartReply.Described described) {
            say(to, "described " + described.layout().shape() + " " + described.version());
        } else if (reply instanceof PartReply.Held held) {
            say(to, "held: " + held.waitingFor());
        } else {
            say(to, "unheld");
        }
    }

    @Override
    public void states(String to, KeyConfig config, OptimizerState state) {
        throw new AssertionError("nobody asked for states");
    }

    @Override
    public void rows(String to, long version, RowSparseTensor rows) {
        say(to, "rows " + version + " " + Arrays.toString(rows.ids()));
    }

    @Override
    public void refused(String to, Reason reason, String message) {
        say(to, reason.toString());
    }

    @Override
    public void commit(Commit commit) {
        commits.add(commit);
        if (!holdsCommits) {
            carryOut();
        }
    }

    @Override
    public DenseTensor fold(KeyRecord record, DenseTensor sum, List<Tensor> gradients) {
        return arithmetic.fold(sum, gradients);
    }

    @Override
    public KeyConfig config(long version) {
        return configs.get(version);
    }

    @Override
    public String place(long bytes) {
        return "here";
    }

    @Override
    public void unplace(KeyRecord record) {}
}
