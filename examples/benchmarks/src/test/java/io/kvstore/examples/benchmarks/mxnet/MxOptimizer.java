package io.kvstore.examples.benchmarks.mxnet;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;

/**
 * Runs one of MXNet's optimizers as the updater of an MXNet store: counts updates and keeps states for each key.
 *
 * <p>With {@code master} a 16-bit weight has a float32 copy that is updated in its place, by a float32 gradient; this is
 * what MXNet does with {@code multi_precision} for every optimizer that has no operator of its own for it.
 */
final class MxOptimizer implements MxUpdater, AutoCloseable {
    private final MxRule rule;
    private final boolean master;
    private final Map<String, Double> settings;
    private final IntToDoubleFunction rate;
    private final Map<String, Double> lrMult;
    private final Map<String, Double> wdMult;
    private final Map<Object, KeyState> keys = new HashMap<>();

    private static final class KeyState {
        int count;
        MxArray master;
        final List<MxArray> states = new ArrayList<>();
    }

    /**
     * @param settings without the rate
     * @param rate the schedule's rate at an update, counted from 1
     */
    MxOptimizer(
            MxRule rule,
            boolean master,
            Map<String, Double> settings,
            IntToDoubleFunction rate,
            Map<String, Double> lrMult,
            Map<String, Double> wdMult) {
        this.rule = rule;
        this.master = master;
        this.settings = settings;
        this.rate = rate;
        this.lrMult = lrMult;
        this.wdMult = wdMult;
    }

    @Override
    public void update(Object key, MxArray received, MxArray stored) {
        KeyState state = keys.computeIfAbsent(key, k -> newState(stored));
        state.count++;
        if (!master) {
            rule.step().update(step(key, state, stored, received));
            return;
        }
        try (MxMath math = new MxMath()) {
            rule.step().update(step(key, state, state.master, math.cast(received, MxType.FLOAT32)));
            math.set(stored, math.cast(state.master, stored.type()));
        }
    }

    private MxRule.Update step(Object key, KeyState state, MxArray weight, MxArray gradient) {
        double now = rate.applyAsDouble(state.count);
        double before = state.count == 1 ? now : rate.applyAsDouble(state.count - 1);
        double lr = now * lrMult.getOrDefault(key.toString(), 1.0);
        double wd = settings.get("wd") * wdMult.getOrDefault(key.toString(), 1.0);
        return new MxRule.Update(
                key.toString(), state.count, lr, now / before, wd, weight, gradient, state.states, settings, true);
    }

    private KeyState newState(MxArray stored) {
        KeyState state = new KeyState();
        boolean wide = master || rule.wide();
        for (int i = 0; i < rule.zeros(); i++) {
            state.states.add(
                    rule.rows()
                            ? MxArray.rowSparse(0, new long[0], new float[0], stored.shape())
                            : MxArray.zeros(0, wide ? MxType.FLOAT32 : stored.type(), stored.shape()));
        }
        if (rule.copy() || master) {
            Sample weight = Sample.of(stored);
            MxArray copy = (wide ? Sample.of(MxType.FLOAT32, weight.shape(), weight.doubles()) : weight).toMx(0);
            if (master) {
                state.master = copy;
            } else {
                state.states.add(copy);
            }
        }
        return state;
    }

    @Override
    public void close() {
        for (KeyState key : keys.values()) {
            key.states.forEach(MxArray::close);
            if (key.master != null) {
                key.master.close();
            }
        }
    }
}
