package io.kvstore.actor;

import io.kvstore.Reason;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * What a key of float32 values should do, one request after the other: the whole value as one array, row-sparse or not, no
 * buffers, no queue, and the outcome of each push known beforehand.
 */
final class KeyModel {
    static final int ROWS = 4;
    static final int ROW_LENGTH = 2;

    enum Kind {
        INIT,
        PUSH,
        PUSH_PULL,
        PULL,
        PULL_ROWS,
        CONFIGURE,
        SNAPSHOT,
        RESTORE,
        DELETE;

        /** Whether a full queue takes it nevertheless. */
        boolean alwaysTaken() {
            return this == CONFIGURE || this == RESTORE;
        }
    }

    enum Mode {
        ASSIGN,
        ADD,
        MOMENTUM,
        SLOW_MOMENTUM;

        boolean hasMomentum() {
            return this == MOMENTUM || this == SLOW_MOMENTUM;
        }

        boolean sameStateAs(Mode other) {
            return this != ASSIGN && (this == other || hasMomentum() && other.hasMomentum());
        }
    }

    /**
     * A request as the model sees it.
     *
     * @param sum of the gradients, the first value, or the momentum to be restored
     * @param ids of the rows that a row-sparse sum gives, or that are asked for; null for a dense sum
     * @param mode that is configured, or whose state is restored
     * @param updates to be restored
     * @param misfit why the tensors must be refused, or null
     * @param fate why the commit will fail, or null
     */
    record Request(
            int id,
            Kind kind,
            Origin origin,
            float[] sum,
            long[] ids,
            Mode mode,
            long updates,
            Reason misfit,
            Reason fate) {}

    /** A reply: {@code refused}, or a version or number of updates and, if asked for, a value or momentum. */
    record Reply(Reason refused, long version, float[] value) {
        static Reply done(long version) {
            return new Reply(null, version, null);
        }

        static Reply refused(Reason reason) {
            return new Reply(reason, 0, null);
        }

        boolean sameAs(Reply other) {
            return refused == other.refused && version == other.version && Arrays.equals(value, other.value);
        }

        @Override
        public String toString() {
            return refused != null ? refused.toString() : "version " + version + " " + Arrays.toString(value);
        }
    }

    private record Decided(long incarnation, long seq, Reply reply) {}

    private final Map<String, Decided> decided = new HashMap<>();
    private Mode mode = Mode.ASSIGN;
    private Mode modeOfState;
    private long updates;
    private float[] momentum;
    private boolean rowSparse;
    float[] value;
    long version;
    long generation;

    boolean exists() {
        return value != null;
    }

    /** @param nextGeneration the generation that an init makes, if it succeeds */
    Reply apply(Request request, long nextGeneration) {
        return switch (request.kind) {
            case INIT -> init(request, nextGeneration);
            case PUSH, PUSH_PULL -> exists() ? push(request) : Reply.refused(Reason.NOT_INITIALIZED);
            case PULL -> exists() ? now(true) : Reply.refused(Reason.NOT_INITIALIZED);
            case PULL_ROWS -> exists() ? rows(request.ids) : Reply.refused(Reason.NOT_INITIALIZED);
            case CONFIGURE -> configure(request);
            case SNAPSHOT -> exists() ? snapshot() : Reply.refused(Reason.NOT_INITIALIZED);
            case RESTORE -> exists() ? restore(request) : Reply.refused(Reason.NOT_INITIALIZED);
            case DELETE -> exists() ? delete() : Reply.refused(Reason.NOT_INITIALIZED);
        };
    }

    private Reply now(boolean withValue) {
        return new Reply(null, version, withValue ? value.clone() : null);
    }

    private Reply rows(long[] ids) {
        if (!rowSparse) {
            return Reply.refused(Reason.STORAGE_MISMATCH);
        }
        if (Arrays.stream(ids).anyMatch(id -> id < 0 || id >= ROWS)) {
            return Reply.refused(Reason.OUT_OF_RANGE);
        }
        long[] sorted = Arrays.stream(ids).sorted().distinct().toArray();
        float[] rows = new float[sorted.length * ROW_LENGTH];
        for (int i = 0; i < sorted.length; i++) {
            System.arraycopy(value, (int) sorted[i] * ROW_LENGTH, rows, i * ROW_LENGTH, ROW_LENGTH);
        }
        return new Reply(null, version, withIds(sorted, rows));
    }

    /** Row ids and then rows, as one array that can be compared. */
    static float[] withIds(long[] ids, float[] rows) {
        float[] all = new float[ids.length + rows.length];
        for (int i = 0; i < ids.length; i++) {
            all[i] = ids[i];
        }
        System.arraycopy(rows, 0, all, ids.length, rows.length);
        return all;
    }

    private Reply init(Request request, long nextGeneration) {
        if (exists()) {
            return Reply.refused(Reason.ALREADY_INITIALIZED);
        }
        if (request.misfit != null) {
            return Reply.refused(request.misfit);
        }
        value = request.sum.clone();
        rowSparse = request.ids != null;
        version = 0;
        generation = nextGeneration;
        modeOfState = null;
        updates = 0;
        decided.clear();
        return Reply.done(0);
    }

    private Reply configure(Request request) {
        mode = request.mode;
        return Reply.done(exists() ? version : 0);
    }

    private boolean goesOn() {
        return updates > 0 && mode.sameStateAs(modeOfState);
    }

    private Reply snapshot() {
        if (mode == Mode.ASSIGN) {
            return Reply.refused(Reason.NO_OPTIMIZER);
        }
        boolean remembers = goesOn();
        return new Reply(
                null, remembers ? updates : 0, remembers && mode.hasMomentum() ? momentum.clone() : new float[0]);
    }

    private Reply restore(Request request) {
        if (mode == Mode.ASSIGN) {
            return Reply.refused(Reason.NO_OPTIMIZER);
        }
        if (!mode.sameStateAs(request.mode)) {
            return Reply.refused(Reason.STATE_MISMATCH);
        }
        if (request.misfit != null) {
            return Reply.refused(request.misfit);
        }
        modeOfState = mode;
        updates = request.updates;
        momentum = request.sum.clone();
        return Reply.done(version);
    }

    private Reply delete() {
        value = null;
        return Reply.done(version);
    }

    private Reply push(Request request) {
        Origin origin = request.origin;
        boolean pull = request.kind == Kind.PUSH_PULL;
        if (origin.worker() == null) {
            return decide(request, pull);
        }
        if (origin.generation() != generation) {
            return Reply.refused(Reason.STALE_GENERATION);
        }
        Decided last = decided.getOrDefault(origin.worker(), new Decided(origin.incarnation(), 0, null));
        if (origin.incarnation() > last.incarnation) {
            last = new Decided(origin.incarnation(), 0, null);
        }
        if (origin.incarnation() == last.incarnation && origin.seq() == last.seq && last.seq > 0) {
            return last.reply.refused == null && pull ? now(true) : last.reply;
        }
        if (origin.incarnation() < last.incarnation || origin.seq() != last.seq + 1) {
            return Reply.refused(Reason.OUT_OF_ORDER);
        }
        Reply reply = decide(request, pull);
        Reply first = reply.refused == null ? Reply.done(version) : reply;
        decided.put(origin.worker(), new Decided(origin.incarnation(), origin.seq(), first));
        return reply;
    }

    private Reply decide(Request request, boolean pull) {
        if (request.misfit != null) {
            return Reply.refused(request.misfit);
        }
        if (request.fate != null) {
            return Reply.refused(request.fate);
        }
        if (mode != Mode.ASSIGN) {
            if (!goesOn()) {
                updates = 0;
                momentum = new float[value.length];
            }
            updates++;
        }
        for (int i = 0; i < value.length; i++) {
            int row = i / ROW_LENGTH;
            boolean given = request.ids == null || Arrays.stream(request.ids).anyMatch(id -> id == row);
            if (given || mode == Mode.ASSIGN) {
                value[i] = update(i, request.sum[i]);
            }
        }
        modeOfState = mode;
        version++;
        return now(pull);
    }

    private float update(int i, float sum) {
        return switch (mode) {
            case ASSIGN -> sum;
            case ADD -> value[i] + sum;
            case MOMENTUM -> value[i] + (momentum[i] = momentum[i] / 2 - sum);
            case SLOW_MOMENTUM -> value[i] + (momentum[i] = momentum[i] / 2 - sum / 4);
        };
    }
}
