package io.kvstore.actor;

import io.kvstore.Reason;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.DeviceTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The errand that the key's device is on, if any, and whoever waits for it: all readers of one version share one copy of it.
 * Not thread-safe.
 *
 * @param <R> where a reply goes
 */
final class Errands<R> {
    private record Waiting<R>(R to, Consumer<List<DenseTensor>> then) {}

    private final KeyState<R> key;
    private final KeyState.Effects<R> effects;
    private final List<Waiting<R>> waiting = new ArrayList<>(1);
    private Errand underway;

    Errands(KeyState<R> key, KeyState.Effects<R> effects) {
        this.key = key;
        this.effects = effects;
    }

    boolean isUnderway() {
        return underway != null;
    }

    /** Does {@code then} once the host has the value, at once if it has; or refuses. */
    void withValue(KeyRecord record, R to, Runnable then) {
        if (record.value != null) {
            then.run();
        } else {
            start(record, Errand.Kind.VALUE, List.of(), to, value -> then.run());
        }
    }

    /** Does {@code then} with the optimizer's states, retained for it, once the host has them; or refuses. */
    void withStates(KeyRecord record, KeyConfig config, R to, Consumer<OptimizerState> then) {
        if (record.deviceStates == null || !record.hasStatesFor(config.optimizer())) {
            then.accept(record.statesFor(config));
        } else {
            start(record, Errand.Kind.STATES, List.of(), to, states -> then.accept(record.stateOf(config, states)));
        }
    }

    /** Fills arrays on devices with the value, and then does {@code then}; or refuses. */
    void fill(KeyRecord record, List<DeviceTensor> outs, R to, Runnable then) {
        start(record, Errand.Kind.FILL, outs, to, none -> then.run());
    }

    /** One that is under way already is of the same kind: only readers that waited for one version come together. */
    private void start(
            KeyRecord record, Errand.Kind kind, List<DeviceTensor> outs, R to, Consumer<List<DenseTensor>> then) {
        waiting.add(new Waiting<>(to, then));
        if (underway == null) {
            underway = new Errand(record, kind, outs);
            record.waitingFor(underway);
            effects.send(underway);
        }
    }

    /** The errand is done. A report about any other than that under way is ignored: its key was restarted meanwhile. */
    void done(Errand errand, List<DenseTensor> tensors) {
        if (errand != underway) {
            tensors.forEach(DenseTensor::release);
            return;
        }
        if (errand.kind() == Errand.Kind.VALUE) {
            errand.record().value = tensors.get(0);
        }
        finish(each -> each.then.accept(tensors));
    }

    void failed(Errand errand, Reason reason, String message) {
        if (errand == underway) {
            finish(each -> effects.refused(each.to, reason, message));
        }
    }

    private void finish(Consumer<Waiting<R>> tell) {
        KeyRecord record = underway.record();
        List<Waiting<R>> told = List.copyOf(waiting);
        waiting.clear();
        record.waitingFor(null);
        underway = null;
        told.forEach(tell);
        key.advance(record);
    }

    /** Forgets the errand, and refuses whoever waits for it. */
    void abandon(Reason reason, String message) {
        if (underway != null) {
            underway.record().waitingFor(null);
            underway = null;
            waiting.forEach(each -> effects.refused(each.to, reason, message));
            waiting.clear();
        }
    }
}
