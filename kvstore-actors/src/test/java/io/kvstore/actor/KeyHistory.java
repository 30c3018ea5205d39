package io.kvstore.actor;

import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.EncodedTensor;
import io.kvstore.tensor.Kernels;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Shape;
import io.kvstore.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Random;
import java.util.stream.Stream;

/**
 * One key under random requests, beside its model. It is also the key's committer: it holds each commit for as long as
 * chance has it, and then carries it out or lets it fail.
 */
final class KeyHistory implements KeyState.Effects<Integer> {
    static final int QUEUE_LIMIT = 5;

    private static final Shape SHAPE = Shape.of(KeyModel.ROWS, KeyModel.ROW_LENGTH);
    private static final Map<KeyModel.Mode, Optimizer> OPTIMIZERS = optimizers();

    /** A value that a reply leased, and what it was when it came. */
    private record Lease(DenseTensor tensor, float[] content) {}

    private final Key key;
    private final KeyRecords records;
    private final BufferPool pool;
    private final Random random;
    private final KeyState<Integer> state;
    private final KeyModel model = new KeyModel();
    private final HostCommit arithmetic;
    private final Queue<KeyModel.Request> open = new ArrayDeque<>();
    private final List<Lease> leases = new ArrayList<>();
    private final Map<String, Long> sent = new HashMap<>();
    private KeyModel.Request arriving;
    private Commit pending;
    private Errand errand;
    private Commit last;
    private Errand lastErrand;
    private int placed;
    int requests;
    int busy;
    int commits;
    int failures;
    int rowPulls;
    int errands;

    KeyHistory(Key key, KeyRecords records, BufferPool pool, Random random) {
        this.key = key;
        this.records = records;
        this.pool = pool;
        this.random = random;
        this.arithmetic = new HostCommit(pool, Kernels.LOCAL_GROUP);
        this.state = new KeyState<>(key, records, pool, KeyConfig.ASSIGN, QUEUE_LIMIT, this);
    }

    private static Map<KeyModel.Mode, Optimizer> optimizers() {
        Map<KeyModel.Mode, Optimizer> all = new EnumMap<>(KeyModel.Mode.class);
        Optimizer momentum = Optimizer.sgd().learningRate(1).momentum(0.5).build();
        all.put(KeyModel.Mode.ADD, Optimizer.of("test", Map.of()));
        all.put(KeyModel.Mode.MOMENTUM, momentum);
        all.put(
                KeyModel.Mode.SLOW_MOMENTUM,
                momentum.toBuilder().learningRate(0.25).build());
        return all;
    }

    /** Does one random thing to the key, and checks everything that can be seen of it. */
    void step() {
        if (pending != null && random.nextInt(4) == 0) {
            decide();
        } else if (errand != null && random.nextInt(4) == 0) {
            runErrand();
        } else {
            send();
        }
        if (!leases.isEmpty() && random.nextInt(3) == 0) {
            giveBack(leases.remove(random.nextInt(leases.size())));
        }
        check();
    }

    /** Decides every commit, and gives every lease back. */
    void finish() {
        while (pending != null || errand != null) {
            if (pending != null) {
                decide();
            } else {
                runErrand();
            }
            check();
        }
        verify(open.size(), 0, "requests without a reply");
        leases.forEach(this::giveBack);
        leases.clear();
        verify(placed, model.exists() ? 1 : 0, "places taken on devices");
    }

    /** The bytes that the key itself may hold when nothing is going on. */
    long ownBytes() {
        KeyRecord record = records.find(Part.head(key));
        if (record == null) {
            return 0;
        }
        List<DenseTensor> own = new ArrayList<>(record.states);
        Stream.of(record.deviceValue, record.deviceStates)
                .filter(Objects::nonNull)
                .forEach(held -> own.addAll(FarAway.of(held)));
        if (record.value != null) {
            own.add(record.value);
        }
        return own.stream().mapToLong(DenseTensor::bytes).sum();
    }

    private void send() {
        KeyModel.Kind kind = random.nextInt(12) == 0
                ? KeyModel.Kind.DELETE
                : KeyModel.Kind.values()[random.nextInt(KeyModel.Kind.values().length - 1)];
        boolean push = kind == KeyModel.Kind.PUSH || kind == KeyModel.Kind.PUSH_PULL;
        boolean restore = kind == KeyModel.Kind.RESTORE;
        KeyModel.Mode[] modes = KeyModel.Mode.values();
        KeyModel.Mode mode =
                restore ? modes[1 + random.nextInt(modes.length - 1)] : modes[random.nextInt(modes.length)];
        long updates = random.nextInt(3);
        boolean one = kind == KeyModel.Kind.INIT || restore && mode.hasMomentum() && updates > 0;
        List<Tensor> tensors = one || push ? tensors(push ? 1 + random.nextInt(6) : 1, !restore) : List.of();
        float[] sum = sum(tensors);
        long[] ids = kind == KeyModel.Kind.PULL_ROWS ? wanted() : given(tensors);
        Reason misfit = random.nextInt(8) == 0 ? spoil(tensors, kind) : null;
        Reason fate = random.nextInt(5) == 0 ? Reason.UPDATER_FAILED : null;
        send(
                new KeyModel.Request(requests++, kind, push ? origin() : null, sum, ids, mode, updates, misfit, fate),
                tensors);
    }

    private void send(KeyModel.Request request, List<Tensor> tensors) {
        boolean full = (pending != null || errand != null)
                && open.size() - 1 >= QUEUE_LIMIT
                && !request.kind().alwaysTaken();
        int busyBefore = busy;
        arriving = request;
        if (!full) {
            open.add(request);
        }
        switch (request.kind()) {
            case INIT -> state.init(tensors.get(0), request.id());
            case PUSH -> state.push(tensors, request.origin(), false, request.id());
            case PUSH_PULL -> state.push(tensors, request.origin(), true, request.id());
            case PULL -> state.pull(Reading.latest(), request.id());
            case PULL_ROWS -> state.pullRows(request.ids(), Reading.latest(), request.id());
            case CONFIGURE ->
                state.configure(new KeyConfig(request.id(), OPTIMIZERS.get(request.mode()), null), request.id());
            case SNAPSHOT -> state.snapshot(request.id());
            case RESTORE -> state.restore(state(request, tensors), request.id());
            case DELETE -> state.delete(request.id());
        }
        arriving = null;
        verify(busy > busyBefore, full, "a request is BUSY");
        if (!full && request.origin() != null && request.origin().worker() != null) {
            Origin origin = request.origin();
            sent.merge(life(origin), origin.seq(), (a, b) -> b == a + 1 ? b : a);
        }
    }

    private static OptimizerState state(KeyModel.Request request, List<Tensor> tensors) {
        return new OptimizerState(
                OPTIMIZERS.get(request.mode()).stateForm(),
                SHAPE,
                DType.FLOAT32,
                request.updates(),
                tensors.stream().map(DenseTensor.class::cast).toList());
    }

    private static String life(Origin origin) {
        return origin.worker() + "/" + origin.incarnation() + "/" + origin.generation();
    }

    /** Mostly the worker's next push, sometimes a repeat, a gap, another life or another generation. */
    private Origin origin() {
        if (random.nextInt(4) == 0) {
            return Origin.none();
        }
        long generation = model.generation + (random.nextInt(10) == 0 ? random.nextInt(3) - 1 : 0);
        long incarnation = 1 + requests / 40 - (random.nextInt(8) == 0 ? 1 : 0);
        Origin origin = new Origin("worker-" + random.nextInt(2), incarnation, generation, 0);
        long next = sent.getOrDefault(life(origin), 0L) + 1;
        int chance = random.nextInt(8);
        long seq = chance == 0 ? next + 1 : chance < 3 ? Math.max(1, next - 1) : next;
        return new Origin(origin.worker(), incarnation, generation, seq);
    }

    private List<Tensor> tensors(int count, boolean maybeSparse) {
        List<Tensor> tensors = new ArrayList<>();
        int sparse = maybeSparse ? random.nextInt(3) : 0; // none, all, or by chance
        for (int i = 0; i < count; i++) {
            tensors.add(sparse == 1 || sparse == 2 && random.nextBoolean() ? rows() : filled(SHAPE));
        }
        if (count > 0 && random.nextInt(3) == 0) {
            Tensor first = tensors.get(0);
            DenseTensor elements = first instanceof RowSparseTensor rows ? rows.rows() : (DenseTensor) first;
            lease(elements.retain()); // its sender reads it on: it must not be written into
        }
        return tensors;
    }

    private DenseTensor filled(Shape shape) {
        return pool.filled(DType.FLOAT32, shape, tensor -> {
            for (int k = 0; k < tensor.length(); k++) {
                tensor.floats()[k] = random.nextInt(17) - 8;
            }
        });
    }

    private RowSparseTensor rows() {
        long[] ids = random.longs(random.nextInt(4), 0, KeyModel.ROWS)
                .sorted()
                .distinct()
                .toArray();
        return RowSparseTensor.of(SHAPE, ids, filled(Shape.of(ids.length, KeyModel.ROW_LENGTH)));
    }

    /** Ids in any order, with repeats, sometimes out of range. */
    private long[] wanted() {
        int beyond = random.nextInt(6) == 0 ? 1 : 0;
        return random.longs(random.nextInt(6), -beyond, KeyModel.ROWS + beyond).toArray();
    }

    private static float[] sum(List<Tensor> tensors) {
        float[] sum = new float[(int) SHAPE.length()];
        for (Tensor tensor : tensors) {
            float[] values =
                    tensor instanceof RowSparseTensor rows ? rows.toDense().floats() : ((DenseTensor) tensor).floats();
            for (int i = 0; i < sum.length; i++) {
                sum[i] += values[i];
            }
        }
        return sum;
    }

    /** The rows that the sum of {@code tensors} gives, or null if it is dense. */
    private static long[] given(List<Tensor> tensors) {
        if (!tensors.stream().allMatch(RowSparseTensor.class::isInstance)) {
            return null;
        }
        return tensors.stream()
                .flatMapToLong(tensor -> Arrays.stream(((RowSparseTensor) tensor).ids()))
                .toArray();
    }

    /** Makes the last tensor one that the key must refuse. */
    private Reason spoil(List<Tensor> tensors, KeyModel.Kind kind) {
        if (tensors.isEmpty()) {
            return null;
        }
        if (kind == KeyModel.Kind.RESTORE) {
            tensors.remove(0).release();
            tensors.add(
                    random.nextBoolean() ? pool.zeros(DType.FLOAT32, Shape.of(4)) : pool.zeros(DType.FLOAT64, SHAPE));
            return Reason.STATE_MISMATCH;
        }
        boolean push = kind != KeyModel.Kind.INIT;
        int chance = push ? random.nextInt(4) : 0;
        int last = tensors.size() - 1;
        if (chance == 3) {
            tensors.forEach(Tensor::release);
            tensors.clear();
            return Reason.INVALID_ARGUMENT;
        }
        tensors.remove(last).release();
        tensors.add(
                chance == 0
                        ? new EncodedTensor("unknown", DType.FLOAT32, SHAPE, new byte[1])
                        : chance == 1
                                ? pool.zeros(DType.FLOAT32, Shape.of(SHAPE.length()))
                                : pool.zeros(DType.FLOAT64, SHAPE));
        if (chance == 0) {
            return push ? Reason.INVALID_ARGUMENT : Reason.STORAGE_MISMATCH;
        }
        return chance == 1 ? Reason.SHAPE_MISMATCH : Reason.DTYPE_MISMATCH;
    }

    /** Ends the pending commit as was decided when its push was made. */
    private void decide() {
        Commit commit = pending;
        if (last != null && random.nextInt(4) == 0) {
            state.commitFailed(last, Reason.INTERNAL, "a report of a commit that is over");
            verify(pending == commit, true, "the commit is still under way");
        }
        pending = null;
        last = commit;
        if (open.element().fate() == null) {
            commits++;
            state.committed(commit, carryOut(commit));
        } else {
            failures++;
            commit.releaseGradients();
            state.commitFailed(commit, open.element().fate(), "as planned");
        }
    }

    /** What it makes stays on the host, or goes away to where only errands reach it. */
    private Commit.Outcome carryOut(Commit commit) {
        KeyRecord record = commit.record();
        DenseTensor value = CommitOfCopies.needsValue(commit)
                ? pool.copyOf(FarAway.of(record.deviceValue).get(0))
                : null;
        List<DenseTensor> states = CommitOfCopies.needsStates(commit)
                ? FarAway.of(record.deviceStates).stream().map(pool::copyOf).toList()
                : null;
        Commit.Outcome made = CommitOfCopies.carryOut(arithmetic, commit, commit.gradients(), value, states);
        return random.nextBoolean() ? made : FarAway.send(made, random.nextBoolean(), record);
    }

    private void runErrand() {
        Errand running = errand;
        errand = null;
        errands++;
        if (random.nextInt(4) == 0) {
            state.errandFailed(lastErrand, Reason.INTERNAL, "a report of an errand that is over");
            verify(state.errands().isUnderway(), true, "the errand is still under way");
        }
        lastErrand = running;
        state.errandDone(running, brought(running));
    }

    private List<DenseTensor> brought(Errand done) {
        KeyRecord record = done.record();
        return switch (done.kind()) {
            case VALUE ->
                FarAway.of(record.deviceValue).stream().map(pool::copyOf).toList();
            case ROWS ->
                List.of(RowSparseTensor.gather(FarAway.of(record.deviceValue).get(0), done.ids())
                        .rows());
            case STATES ->
                FarAway.of(record.deviceStates).stream().map(pool::copyOf).toList();
            case FILL -> throw new AssertionError("nobody asked for this: " + done);
        };
    }

    private void check() {
        KeyRecord record = records.find(Part.head(key));
        verify(record != null, model.exists(), "the key exists");
        boolean ahead = errand != null && open.element().kind() == KeyModel.Kind.PUSH_PULL; // the push is published
        if (record != null && !ahead) {
            verify(record.info().version(), model.version, "version seen");
            DenseTensor value = record.value != null
                    ? record.value
                    : FarAway.of(record.deviceValue).get(0);
            verify(Arrays.equals(value.floats(), model.value), true, "the value is the model's");
        }
        verify(
                pending != null || errand != null || open.isEmpty(),
                true,
                "nothing waits without a commit or an errand");
        leases.forEach(KeyHistory::checkLease);
    }

    /** As assertThat(..).isEqualTo(..), which takes microseconds. */
    private static void verify(Object actual, Object expected, String what) {
        if (!actual.equals(expected)) {
            throw new AssertionError(what + ": " + actual + ", expected " + expected);
        }
    }

    private void lease(DenseTensor tensor) {
        leases.add(new Lease(tensor, tensor.floats().clone()));
    }

    private static void checkLease(Lease lease) {
        verify(Arrays.equals(lease.tensor.floats(), lease.content), true, "a tensor stays as it is while held");
    }

    private void giveBack(Lease lease) {
        checkLease(lease);
        lease.tensor.release();
    }

    private void reply(int id, KeyModel.Reply reply) {
        KeyModel.Request request = open.remove();
        verify(id, request.id(), "the request answered next");
        KeyRecord record = records.find(Part.head(key));
        long generation = record == null ? 0 : record.generation;
        if (request.kind() == KeyModel.Kind.INIT && reply.refused() == null) {
            verify(generation > model.generation, true, "the generation is higher than the last");
        }
        KeyModel.Reply expected = model.apply(request, generation);
        if (!reply.sameAs(expected)) {
            throw new AssertionError("reply " + reply + " to " + request + ", expected " + expected);
        }
    }

    @Override
    public void done(Integer to, long version) {
        reply(to, KeyModel.Reply.done(version));
    }

    @Override
    public void value(Integer to, long version, DenseTensor value) {
        lease(value);
        reply(to, new KeyModel.Reply(null, version, value.floats().clone()));
    }

    @Override
    public void part(Integer to, PartReply reply) {
        throw new AssertionError("a store in one JVM gave " + reply);
    }

    @Override
    public DenseTensor fold(KeyRecord record, DenseTensor sum, List<Tensor> gradients) {
        throw new AssertionError("a store in one JVM has no rounds");
    }

    @Override
    public KeyConfig config(long version) {
        throw new AssertionError("a store in one JVM has one configuration");
    }

    @Override
    public void states(Integer to, KeyConfig config, OptimizerState state) {
        state.states().forEach(this::lease);
        float[] momentum = state.states().isEmpty()
                ? new float[0]
                : state.states().get(0).floats().clone();
        reply(to, new KeyModel.Reply(null, state.updates(), momentum));
    }

    @Override
    public void rows(Integer to, long version, RowSparseTensor rows) {
        float[] content = KeyModel.withIds(rows.ids(), rows.rows().floats());
        rowPulls++;
        reply(to, new KeyModel.Reply(null, version, content));
    }

    @Override
    public void refused(Integer to, Reason reason, String message) {
        if (reason == Reason.BUSY) {
            verify(to, arriving.id(), "the request refused as BUSY");
            busy++;
            return;
        }
        reply(to, KeyModel.Reply.refused(reason));
    }

    @Override
    public void commit(Commit commit) {
        verify(pending == null && errand == null, true, "one commit at a time, and no errand meanwhile");
        verify(commit.version(), model.version + 1, "version of the commit");
        pending = commit;
    }

    @Override
    public void send(Errand next) {
        verify(pending == null && errand == null, true, "one errand at a time, and no commit meanwhile");
        errand = next;
    }

    @Override
    public String place(long bytes) {
        placed++;
        return "here";
    }

    @Override
    public void unplace(KeyRecord record) {
        placed--;
    }

    @Override
    public String toString() {
        return key + ": " + requests + " requests, open " + open + ", value " + Arrays.toString(model.value);
    }
}
