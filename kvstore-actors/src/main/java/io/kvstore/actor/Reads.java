package io.kvstore.actor;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.tensor.DeviceTensor;
import io.kvstore.tensor.RowSparseTensor;
import java.util.List;

/**
 * The reads of one key: each is answered once what its reader must see is there. Not thread-safe.
 *
 * @param <R> where a reply goes
 */
final class Reads<R> {
    private final KeyState<R> key;
    private final KeyState.Effects<R> effects;
    private final int limit;
    private final ParkedReads<R> parked = new ParkedReads<>();

    /** @param limit how many reads may wait for a later version */
    Reads(KeyState<R> key, KeyState.Effects<R> effects, int limit) {
        this.key = key;
        this.effects = effects;
        this.limit = limit;
    }

    /** Does {@code answer} at once, or once what the reader must see is there; or refuses. */
    void start(Reading reading, String operation, R to, Runnable answer) {
        KeyRecord record = key.recordOrRefuse(to, operation);
        Origin reader = reading.after();
        if (record == null
                || key.repeats().staleOrGone(record, operation, reader, to)
                || reader.worker() != null
                        && key.inRounds()
                        && key.repeats().seatOrRefuse(record, reader, to) == null) {
            return;
        }
        if (ParkedReads.ready(record, reading)) {
            answer.run();
        } else if (parked.size() < limit) {
            parked.add(reading, to, answer);
        } else {
            effects.refused(to, Reason.BUSY, parked.size() + " pulls wait here for a later version; try again");
        }
    }

    void pull(Reading reading, R to) {
        start(reading, "pull", to, () -> value(to));
    }

    /** @param ids read until the request is answered */
    void pullRows(long[] ids, Reading reading, R to) {
        start(reading, "rowSparsePull", to, () -> rows(ids, to));
    }

    /** Fills arrays on devices. */
    void fill(List<DeviceTensor> outs, Reading reading, R to) {
        start(reading, "pull", to, () -> {
            KeyRecord record = key.record();
            KVStoreException problem = Fit.problem("pull", record.info(), outs, effects::problem);
            if (problem != null) {
                effects.refused(to, problem.reason(), problem.getMessage());
                return;
            }
            key.errands().fill(record, outs, to, () -> effects.done(to, record.version));
        });
    }

    private void value(R to) {
        KeyRecord record = key.record();
        if (record.value != null) {
            effects.value(to, record.version, record.value.retain());
        } else {
            key.errands().withValue(record, to, () -> value(to));
        }
    }

    /** Copies the rows at once: a lease on the value would make the next push copy all of it. */
    private void rows(long[] ids, R to) {
        KeyRecord record = key.record();
        KVStoreException problem = Fit.problem("rowSparsePull", record.info(), ids);
        if (problem != null) {
            effects.refused(to, problem.reason(), problem.getMessage());
        } else if (record.value != null) {
            gather(record, ids, to);
        } else {
            key.errands().withRows(record, ids, to, rows -> effects.rows(to, record.version, rows));
        }
    }

    private void gather(KeyRecord record, long[] ids, R to) {
        RowSparseTensor rows;
        try {
            rows = RowSparseTensor.gather(record.value, ids);
        } catch (OutOfMemoryError e) {
            effects.refused(to, Reason.OUT_OF_MEMORY, "not enough memory for a copy of " + ids.length + " rows");
            return;
        }
        effects.rows(to, record.version, rows);
    }

    /** Whether such a read waits here. */
    boolean parks(Reading reading) {
        return parked.holds(reading);
    }

    /** There is a later version. */
    void advance(KeyRecord record) {
        parked.advance(record);
    }

    /** Refuses those of workers that are gone. */
    void membership(Membership next) {
        parked.drop(next, to -> effects.refused(to, Reason.FENCED, "the worker's incarnation was closed"));
    }

    /** Refuses all that wait. */
    void abandon(Reason reason, String message) {
        parked.dropAll(to -> effects.refused(to, reason, message));
    }
}
