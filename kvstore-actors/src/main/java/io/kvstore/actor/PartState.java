package io.kvstore.actor;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.tensor.Tensor;
import java.util.List;

/**
 * The side of a part that only the sessions of a cluster's workers meet: how it comes into being, who has a seat in its
 * rounds, and what became of a push. Without Akka; not thread-safe.
 *
 * @param <R> where a reply goes
 */
final class PartState<R> {
    private static final Runnable NOTHING = () -> {};

    private final Part part;
    private final KeyState<R> key;
    private final KeyRecords records;
    private final PastLives past;
    private final KeyState.Effects<R> effects;
    private final Founding<R> founding;
    private final PartStates<R> states;

    PartState(Part part, KeyState<R> key, KeyRecords records, KeyState.Effects<R> effects) {
        this.part = part;
        this.key = key;
        this.records = records;
        this.effects = effects;
        this.past = records.past(part);
        this.founding = new Founding<>(foundingEffects(), past, key.inRounds());
        this.states = new PartStates<>(part, key, effects);
    }

    void on(PartCommand command, R to) {
        KeyRecord record = key.record();
        if (record != null && record.generation <= lifeThatIsOver(command)) {
            effects.lifeIsOver(); // or the command would wait for a commit that waits for slices that are gone
        }
        if (command instanceof PartCommand.Announce announce) {
            key.inTurn(to, () -> founding.announce(announce, to), () -> release(announce.value()));
        } else if (command instanceof PartCommand.Load load) {
            key.inTurn(to, () -> load(load, to), () -> release(load.value()));
        } else if (command instanceof PartCommand.Publish publish) {
            key.inTurn(to, () -> founding.publish(publish.generation(), to), NOTHING);
        } else if (command instanceof PartCommand.Attach attach) {
            key.aboutRounds(to, () -> attach(attach.origin(), to));
        } else if (command instanceof PartCommand.Join join) {
            key.aboutRounds(to, () -> join(join.origin(), join.firstRound(), to));
        } else if (command instanceof PartCommand.Describe) {
            key.inTurn(to, () -> describe(to), NOTHING);
        } else if (command instanceof PartCommand.Probe probe) {
            key.aboutRounds(to, () -> probe(probe.origin(), probe.pull(), to));
        } else if (command instanceof PartCommand.Forget forget) {
            key.inTurn(to, () -> forget(forget.generation(), to), NOTHING);
        } else if (command instanceof PartCommand.ProbeRead probe) {
            key.aboutRounds(to, () -> probeRead(probe.reading(), to));
        } else {
            states.on(command, to);
        }
    }

    /** The latest life of the key that the sender knows to be over, or 0. */
    private static long lifeThatIsOver(PartCommand command) {
        if (command instanceof PartCommand.Forget forget) {
            return forget.generation();
        }
        if (command instanceof PartCommand.Load load) {
            return load.generation() - 1;
        }
        return command instanceof PartCommand.Announce announce
                ? announce.origin().generation()
                : 0;
    }

    private static void release(Tensor value) {
        if (value != null) {
            value.release();
        }
    }

    private void load(PartCommand.Load load, R to) {
        KeyRecord record = key.record();
        if (record != null && record.generation == load.generation()) {
            load.value().release();
            effects.done(to, record.version);
            return;
        }
        long latest = Math.max(past.over(), record == null ? 0 : record.generation);
        if (load.generation() <= latest) {
            load.value().release();
            effects.refused(
                    to,
                    Reason.STALE_GENERATION,
                    "load of generation " + load.generation() + ", the slice knows generation " + latest);
            return;
        }
        KVStoreException problem = misfit(load.layout(), load.value());
        if (problem != null) {
            load.value().release();
            effects.refused(to, problem.reason(), problem.getMessage());
            return;
        }
        if (record != null) {
            remove(record);
        }
        KeyRecord made = key.create(load.layout(), load.value(), load.generation(), to);
        if (made != null) {
            made.seats = load.seats();
            effects.done(to, 0);
            key.seatsChanged(made); // some may be gone already
        }
    }

    private void attach(Origin origin, R to) {
        KeyRecord record = key.recordOrRefuse(to, "join");
        if (record == null || key.repeats().staleOrGone(record, "join", origin, to)) {
            return;
        }
        long open = key.inRounds() ? key.rounds().attach(record, origin) : record.version + 1;
        effects.part(to, new PartReply.Attached(part.key(), 0, open));
    }

    private void join(Origin origin, long firstRound, R to) {
        KeyRecord record = key.recordOrRefuse(to, "join");
        if (record == null || key.repeats().staleOrGone(record, "join", origin, to)) {
            return;
        }
        effects.done(to, record.version);
        if (key.inRounds()) {
            int rank = key.membership()
                    .member(origin.worker())
                    .map(Member::rank)
                    .orElseThrow(); // it is live, or it would have been refused
            key.rounds().join(record, origin, rank, firstRound);
        }
    }

    private void describe(R to) {
        KeyRecord record = key.recordOrRefuse(to, "info");
        if (record != null) {
            effects.part(to, new PartReply.Described(part.key(), 0, record.layout, record.generation, record.version));
        }
    }

    private void probe(Origin origin, boolean pull, R to) {
        KeyRecord record = key.recordOrRefuse(to, "push");
        if (record == null
                || key.repeats().staleOrGone(record, "push", origin, to)
                || key.repeats().decided(record, origin, pull, to)) {
            return;
        }
        PartReply reply = key.holds(origin, to)
                ? new PartReply.Held(part.key(), 0, waitingFor(record))
                : new PartReply.Unheld(part.key(), 0);
        effects.part(to, reply);
    }

    private void probeRead(Reading reading, R to) {
        KeyRecord record = key.recordOrRefuse(to, "pull");
        if (record == null || key.repeats().staleOrGone(record, "pull", reading.after(), to)) {
            return;
        }
        PartReply reply = key.parks(reading) || key.isCommitting() // behind which it may wait for its turn
                ? new PartReply.Held(part.key(), 0, waitingFor(record, reading))
                : new PartReply.Unheld(part.key(), 0);
        effects.part(to, reply);
    }

    private static String waitingFor(KeyRecord record, Reading reading) {
        if (record.waitingFor() != null) {
            return record.waitingFor();
        }
        return reading.minVersion() > record.version
                ? "version " + reading.minVersion() + " is not made yet, " + record.version
                        + " is; nobody has pushed to" + " round " + (record.version + 1)
                : "push " + reading.after().seq() + " of worker '"
                        + reading.after().worker() + "' has not come";
    }

    private static String waitingFor(KeyRecord record) {
        return record.waitingFor() == null ? "its turn" : record.waitingFor();
    }

    private void forget(long generation, R to) {
        KeyRecord record = key.record();
        past.end(generation);
        if (record != null && past.isOver(record.generation)) {
            remove(record);
        }
        effects.done(to, 0);
    }

    private void remove(KeyRecord record) {
        past.end(record.generation);
        key.remove(record);
        states.clear();
    }

    /** The store's workers changed. */
    void membership(Membership next) {
        key.membership(next);
        founding.membership(next);
        states.membership(next);
    }

    /** Whether somebody waits for the key's creation. */
    boolean isAwaited() {
        return founding.isAwaited();
    }

    /** Refuses all who wait for the key's creation. */
    void abandon(Reason reason, String message) {
        founding.abandon(reason, message);
        states.clear();
    }

    private Founding.Effects<R> foundingEffects() {
        return new Founding.Effects<>() {
            @Override
            public KeyRecord record() {
                return key.record();
            }

            @Override
            public KeyRecord create(Layout layout, Tensor value, List<Seat> seats, R to) {
                KVStoreException problem = misfit(layout, value);
                if (problem != null) {
                    value.release();
                    effects.refused(to, problem.reason(), problem.getMessage());
                    return null;
                }
                KeyRecord record = key.create(layout, value, records.nextGeneration(past.over()), to);
                if (record != null) {
                    record.seats = seats;
                }
                return record;
            }

            @Override
            public void remove(KeyRecord record) {
                PartState.this.remove(record);
            }

            @Override
            public void published(R to, long generation, long version) {
                effects.part(to, new PartReply.Published(part.key(), 0, generation, version));
            }

            @Override
            public void give(R to, long generation, List<Seat> seats) {
                effects.part(to, new PartReply.Give(part.key(), 0, generation, seats));
            }

            @Override
            public void refused(R to, Reason reason, String message) {
                effects.refused(to, reason, message);
            }

            @Override
            public void replaced(R earlier, R later) {
                effects.replaced(earlier, later);
            }
        };
    }

    private KVStoreException misfit(Layout layout, Tensor value) {
        if (!value.shape().equals(layout.shapeOf(part.slice())) || value.dtype() != layout.dtype()) {
            return new KVStoreException(
                    Reason.SHAPE_MISMATCH,
                    "init expects for slice " + part.slice() + " of " + layout.dtype() + layout.shape() + " a "
                            + layout.dtype() + layout.shapeOf(part.slice()) + ", given " + value.dtype()
                            + value.shape());
        }
        return null;
    }
}
