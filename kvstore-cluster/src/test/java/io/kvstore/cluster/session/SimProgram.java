package io.kvstore.cluster.session;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.Layout;
import io.kvstore.actor.PartReply;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * What a worker does to one key: it initialises it, pushes and pulls as often as chance has it, and initialises it again
 * when it is lost.
 */
final class SimProgram {
    /** What may end a call when servers, workers or keys are lost. */
    private static final Set<Reason> LOST = EnumSet.of(
            Reason.NOT_INITIALIZED,
            Reason.STALE_GENERATION,
            Reason.SERVER_LOST,
            Reason.FENCED,
            Reason.CLOSED,
            Reason.ROUND_FAILED);

    private static final long HELP_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final SimWorker worker;
    private final LedgerKey key;
    private final Ledger ledger;
    private final Chance chance;
    private final int limit;
    private boolean initialised;
    private boolean doubting; // after a delete without an outcome
    private boolean waking;
    private boolean lastPull;
    private int left;
    private int open;

    SimProgram(SimWorker worker, LedgerKey key, Ledger ledger, Chance chance) {
        this.worker = worker;
        this.key = key;
        this.ledger = ledger;
        this.chance = chance;
        this.limit = 1 + chance.random().nextInt(4);
        this.left = chance.pushes();
    }

    boolean ended() {
        return lastPull && open == 0;
    }

    @Override
    public String toString() {
        return key.key() + (initialised ? "" : " not initialised") + ", " + left + " pushes left, " + open
                + " calls open";
    }

    /** The process starts: nothing is known of the key. */
    void restarted() {
        initialised = false;
        doubting = false;
        lastPull = false;
        wake();
    }

    private void wake() {
        if (!waking && !worker.ended()) {
            waking = true;
            int life = worker.life();
            worker.cluster().events.in(chance.millis(60), () -> {
                waking = false;
                if (worker.life() == life || !worker.ended()) {
                    next();
                }
            });
        }
    }

    /**
     * Others still push to the key, and count on this worker, which has another key to wait for: two workers that waited
     * for each other, each at another key, would do so for ever. Nobody waits for this push. And if the key is lost, they
     * may need this worker's first value.
     */
    private void help() {
        if (!ended() || worker.ended()) {
            return;
        }
        if (!initialised) {
            init();
        } else if (chance.inRounds() && !ledger.isFull()) {
            push(false, this::helpLater);
        } else {
            worker.core().describe(worker.call(this::described), key.key());
        }
    }

    private void helpLater() {
        if (ended()) {
            worker.programEnded();
            worker.cluster().events.in(HELP_NANOS, this::help);
        }
    }

    private void described(KeyReply reply, KVStoreException failure) {
        if (!(reply instanceof PartReply.Described)) {
            expectLoss("info", reply, failure);
        }
        helpLater();
    }

    private void next() {
        if (ended() || open >= limit || !initialised && open > 0) {
            return;
        }
        if (!initialised) {
            init();
        } else if (left > 0 && chance.percent(chance.deletes())) {
            delete();
        } else if (left > 0 && !ledger.isFull()) {
            if (chance.percent(60)) {
                left--;
                open++;
                push(chance.percent(30), this::pushEnded);
            } else {
                pull();
            }
        } else if (!lastPull && open == 0) {
            lastPull = true;
            pull();
        }
        wake();
    }

    private void init() {
        open++;
        Layout layout = key.layout();
        float mark = 1 + Integer.parseInt(worker.name().substring(1));
        long call = worker.call(this::initEnded);
        worker.core().init(call, key.key(), layout, Payload.of(key.first(worker.pool(), mark)));
    }

    private void initEnded(KeyReply reply, KVStoreException failure) {
        open--;
        boolean wasThere = reply instanceof KeyReply.Refused no && no.reason() == Reason.ALREADY_INITIALIZED;
        if (reply instanceof KeyReply.Done || wasThere && doubting) {
            initialised = true;
        } else {
            expectLoss("init", reply, failure);
        }
        doubting = false;
        helpLater();
        wake();
    }

    private void push(boolean pull, Runnable then) {
        Ledger.Push push = ledger.begin(
                worker.name(), worker.life(), worker.cluster().events.now());
        long call = worker.call((reply, failure) -> {
            pushEnded(push, reply, failure);
            then.run();
        });
        worker.core().push(call, key.key(), 0, Payload.of(key.gradient(worker.pool(), push.cell)), pull);
    }

    private void pushEnded() {
        open--;
        wake();
    }

    private void pushEnded(Ledger.Push push, KeyReply reply, KVStoreException failure) {
        push.end = worker.cluster().events.now();
        if (reply instanceof KeyReply.Done done) {
            push.outcome = Ledger.Outcome.DONE;
            push.version = done.version();
        } else if (reply instanceof KeyReply.Value value) {
            push.outcome = Ledger.Outcome.DONE;
            push.version = value.version();
            saw(value, push.start);
        } else {
            left += ended() ? 0 : 1; // what nobody waited for need not be made up for
            push.outcome = reply == null ? Ledger.Outcome.UNKNOWN : Ledger.Outcome.REFUSED;
            push.why = expectLoss("push", reply, failure).toString();
        }
    }

    private void delete() {
        open++;
        worker.core()
                .delete(
                        worker.call((reply, failure) -> {
                            open--;
                            initialised = false;
                            if (!(reply instanceof KeyReply.Done)) {
                                expectLoss("delete", reply, failure);
                                doubting = reply == null;
                            }
                            wake();
                        }),
                        key.key());
    }

    private void pull() {
        open++;
        long start = worker.cluster().events.now();
        long call = worker.call((reply, failure) -> {
            open--;
            if (reply instanceof KeyReply.Value value) {
                saw(value, start);
            } else if (reply instanceof KeyReply.Rows rows) {
                saw(rows.version(), rows.rows().toDense().floats(), start);
            } else {
                expectLoss("pull", reply, failure);
                lastPull = false;
            }
            helpLater();
            wake();
        });
        if (key.layout().rowSparse() && chance.percent(50)) {
            worker.core().pullRows(call, key.key(), 0, key.allRows());
        } else {
            worker.core().pull(call, key.key(), 0);
        }
    }

    private void saw(KeyReply.Value value, long start) {
        saw(value.version(), value.value().floats(), start);
        value.release();
    }

    private void saw(long version, float[] value, long start) {
        ledger.saw(new Ledger.Pull(
                worker.name(),
                worker.life(),
                worker.generation(key),
                version,
                start,
                worker.cluster().events.now(),
                key.cells(value)));
    }

    private Reason expectLoss(String what, KeyReply reply, KVStoreException failure) {
        Reason reason = failure != null ? failure.reason() : ((KeyReply.Refused) reply).reason();
        if (!LOST.contains(reason)) {
            throw new AssertionError(worker.name() + ": " + what + " of " + key.key() + " ended with " + reason + ": "
                    + reply + failure);
        }
        if (reason == Reason.NOT_INITIALIZED) {
            initialised = false;
        }
        return reason;
    }
}
