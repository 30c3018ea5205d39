package io.kvstore.actor;

import io.kvstore.Reason;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.DeviceTensor;
import io.kvstore.tensor.RowSparseTensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;

/**
 * The errands of the key's device, one at a time, and whoever waits for them: all readers of one version share one copy of it,
 * while each gets the rows that it asks for. Not thread-safe.
 *
 * @param <R> where a reply goes
 */
final class Errands<R> {
    /** @param unread put before a refusal: what stands although the reader gets nothing */
    private record Waiting<R>(R to, String unread, Consumer<List<DenseTensor>> then) {}

    private record Trip<R>(Errand errand, List<Waiting<R>> waiting) {}

    private final KeyState<R> key;
    private final KeyState.Effects<R> effects;
    private final Queue<Trip<R>> trips = new ArrayDeque<>(2); // the first is under way

    Errands(KeyState<R> key, KeyState.Effects<R> effects) {
        this.key = key;
        this.effects = effects;
    }

    boolean isUnderway() {
        return !trips.isEmpty();
    }

    /** Does {@code then} once the host has the value, at once if it has; or refuses. */
    void withValue(KeyRecord record, R to, Runnable then) {
        withValue(record, new Waiting<>(to, "", value -> then.run()));
    }

    /** As {@link #withValue}, for a push that is carried out: a refusal says so. */
    void withPushedValue(KeyRecord record, R to, Runnable then) {
        String counts = "the push was carried out and counts, only the value could not be read: ";
        withValue(record, new Waiting<>(to, counts, value -> then.run()));
    }

    private void withValue(KeyRecord record, Waiting<R> waiting) {
        if (record.value != null) {
            waiting.then.accept(List.of());
        } else {
            start(Errand.value(record), waiting);
        }
    }

    /** Does {@code then} with some rows of a value that only the device has; or refuses. */
    void withRows(KeyRecord record, long[] ids, R to, Consumer<RowSparseTensor> then) {
        long[] unique = RowSparseTensor.sortedUnique(ids);
        Consumer<List<DenseTensor>> got = rows -> then.accept(RowSparseTensor.of(record.shape, unique, rows.get(0)));
        start(Errand.rows(record, unique), new Waiting<>(to, "", got));
    }

    /** Does {@code then} with the optimizer's states, retained for it, once the host has them; or refuses. */
    void withStates(KeyRecord record, KeyConfig config, R to, Consumer<OptimizerState> then) {
        if (record.deviceStates == null || !record.hasStatesFor(config.optimizer())) {
            then.accept(record.statesFor(config));
        } else {
            Consumer<List<DenseTensor>> got = states -> then.accept(record.stateOf(config, states));
            start(Errand.states(record), new Waiting<>(to, "", got));
        }
    }

    /** Fills arrays on devices with the value, and then does {@code then}; or refuses. */
    void fill(KeyRecord record, List<DeviceTensor> outs, R to, Runnable then) {
        start(Errand.fill(record, outs), new Waiting<>(to, "", none -> then.run()));
    }

    private void start(Errand errand, Waiting<R> waiting) {
        for (Trip<R> each : trips) {
            if (each.errand.serves(errand)) {
                each.waiting.add(waiting);
                return;
            }
        }
        Trip<R> trip = new Trip<>(errand, new ArrayList<>(1));
        trip.waiting.add(waiting);
        trips.add(trip);
        if (trips.size() == 1) {
            send(errand);
        }
    }

    private void send(Errand errand) {
        errand.record().waitingFor(errand);
        effects.send(errand);
    }

    /** The errand is done. A report about any other than that under way is ignored: its key was restarted meanwhile. */
    void done(Errand errand, List<DenseTensor> tensors) {
        if (!isUnderway(errand)) {
            tensors.forEach(DenseTensor::release);
            return;
        }
        if (errand.kind() == Errand.Kind.VALUE) {
            errand.record().value = tensors.get(0);
        }
        finish(each -> each.then.accept(tensors));
    }

    void failed(Errand errand, Reason reason, String message) {
        if (isUnderway(errand)) {
            finish(each -> effects.refused(each.to, reason, each.unread + message));
        }
    }

    private boolean isUnderway(Errand errand) {
        return isUnderway() && trips.element().errand == errand;
    }

    private void finish(Consumer<Waiting<R>> tell) {
        Trip<R> over = trips.remove();
        KeyRecord record = over.errand.record();
        record.waitingFor(null);
        Trip<R> next = trips.peek();
        over.waiting.forEach(tell);
        if (next != null) {
            send(next.errand);
        } else {
            key.advance(record);
        }
    }

    /** Forgets all errands, and refuses whoever waits for them. */
    void abandon(Reason reason, String message) {
        List<Trip<R>> forgotten = List.copyOf(trips);
        trips.clear();
        for (Trip<R> trip : forgotten) {
            trip.errand.record().waitingFor(null);
            trip.waiting.forEach(each -> effects.refused(each.to, reason, message));
        }
    }
}
