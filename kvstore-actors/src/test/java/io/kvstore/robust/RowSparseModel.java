package io.kvstore.robust;

import io.kvstore.Key;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.optimizer.OptimizerKernel;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.RowSparseTensor;
import java.util.List;

/** What a key should hold: the whole value as one table, updated by dense gradients and nothing else. */
final class RowSparseModel {
    private final BufferPool pool = new BufferPool(0);
    private final Key key;
    private final Rule rule;
    private DenseTensor value;
    private List<DenseTensor> states = List.of();
    private long updates;

    /**
     * How pushes are applied.
     *
     * @param optimizer or null
     * @param adds whether, without optimizer, an updater adds what is pushed
     */
    record Rule(Optimizer optimizer, boolean adds) {
        boolean isLazy() {
            return optimizer != null && OptimizerKernel.isLazy(optimizer);
        }

        @Override
        public String toString() {
            return optimizer != null ? optimizer + (isLazy() ? " lazy" : "") : adds ? "an adding updater" : "no rule";
        }
    }

    RowSparseModel(Key key, Rule rule, DenseTensor value) {
        this.key = key;
        this.rule = rule;
        this.value = value;
        if (rule.optimizer != null) {
            states = OptimizerKernel.newStates(rule.optimizer, value, pool);
        }
    }

    DenseTensor value() {
        return value;
    }

    /** @param given the rows that the sum gives, or null if it is dense */
    void push(DenseTensor sum, long[] given) {
        updates++;
        if (rule.optimizer == null) {
            DenseTensor next = sum.copy();
            if (rule.adds) {
                next.add(0, value, 0, value.length());
            }
            value = next;
            return;
        }
        DenseTensor before = value.copy();
        List<DenseTensor> statesBefore = states.stream().map(DenseTensor::copy).toList();
        OptimizerKernel.apply(rule.optimizer, key, updates, value, sum, states);
        if (given != null && rule.isLazy()) {
            value = onlyRows(given, before, value);
            List<DenseTensor> after = states;
            states = java.util.stream.IntStream.range(0, after.size())
                    .mapToObj(k -> onlyRows(given, statesBefore.get(k), after.get(k)))
                    .toList();
        }
    }

    private static DenseTensor onlyRows(long[] ids, DenseTensor before, DenseTensor after) {
        RowSparseTensor.gather(after, ids).copyRowsInto(before);
        return before;
    }
}
