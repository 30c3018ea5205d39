package io.kvstore.actor;

import io.kvstore.optimizer.DeviceStep;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.optimizer.OptimizerKernel;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.DeviceTensor;
import io.kvstore.tensor.Merge;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * One commit by the arithmetic of a GPU: what it needs is brought there, the kernels are started, and the outcome is told when
 * they are done. Value and states stay there. On the thread of the device's actor.
 *
 * <pre>
 *   begin: memory, uploads ──► launch: sum and update in one pass ──► finish: report
 * </pre>
 *
 * <p>Whatever may fail comes before the one kernel that writes a value and its states in place; a GPU that fails later is lost.
 */
final class CudaCommit {
    private static final int MOST_GRADIENTS = 8; // that one kernel adds up while it updates

    private final CudaDevice device;
    private final StoreGpu gpu;
    private final Commit commit;
    private final KeyRecord record;
    private final DType dtype;
    private final long length;
    private final Optimizer optimizer;
    private final BiConsumer<Commit.Outcome, Throwable> report;
    private final Transfers transfers;
    private final GpuGradients gradients;
    private final List<Tensor> held; // and not released yet
    private final List<Runnable> preparing = new ArrayList<>();
    private final boolean fresh;
    private final long updates;
    private final List<RowSparseTensor> sparse; // what was pushed, if all of it is row-sparse, else none
    private long[] ids; // of the rows of the sum, if that is row-sparse
    private DeviceStep step;
    private GpuTensors value;
    private GpuTensors states;

    /** @param report told the outcome, or why there is none */
    CudaCommit(Gpus gpus, CudaDevice device, Commit commit, BiConsumer<Commit.Outcome, Throwable> report) {
        this.device = device;
        this.gpu = device.gpu();
        this.commit = commit;
        this.record = commit.record();
        this.dtype = record.dtype;
        this.length = record.shape.length();
        this.optimizer = commit.config().optimizer();
        this.report = report;
        this.transfers = new Transfers(device.thread());
        this.gradients = new GpuGradients(gpus, device, transfers);
        this.held = new ArrayList<>(commit.gradients());
        this.sparse = Merge.isRowSparse(held)
                ? held.stream().map(RowSparseTensor.class::cast).toList()
                : List.of();
        this.fresh = optimizer != null && !record.hasStatesFor(optimizer);
        this.updates = optimizer == null ? record.updates : fresh ? 1 : record.updates + 1;
    }

    /** Whether there are kernels for it. */
    static boolean takes(Commit commit) {
        KeyRecord record = commit.record();
        Optimizer optimizer = commit.config().optimizer();
        return record.shape.length() > 0
                && commit.config().updater() == null
                && (optimizer == null || DeviceStep.isPossible(optimizer, record.dtype));
    }

    void begin() {
        try {
            if (!sparse.isEmpty()) {
                ids = Merge.ids(sparse);
            }
            if (optimizer != null) {
                bringWeight();
            }
            if (ids == null) {
                gradients.bring(commit.gradients());
            } else if (isLazy()) {
                gradients.bringRows(sparse, ids);
            } else {
                gradients.bringAsDense(sparse, ids);
            }
        } catch (RuntimeException | Error e) {
            transfers.fail(e);
        }
        transfers.whenOver(this::launch);
    }

    private boolean isLazy() {
        return ids != null && optimizer != null && OptimizerKernel.isLazy(optimizer);
    }

    private void bringWeight() {
        step = DeviceStep.of(optimizer, record.key, updates, dtype).orElseThrow();
        value = own(record.deviceValue, record.value == null ? List.of() : List.of(record.value), List.of(dtype));
        List<DType> types = optimizer.stateForm().types(dtype);
        if (!fresh) {
            states = own(record.deviceStates, record.states, types);
            return;
        }
        states = newTensors(types);
        for (int k = 0; k < types.size(); k++) {
            long state = states.addresses()[k];
            long bytes = length * types.get(k).bytes();
            boolean master = step.master() && k == 0;
            preparing.add(() -> {
                if (master) {
                    gpu.kernels().cast(gpu.arithmetic(), dtype, value.address(), DType.FLOAT32, state, length);
                } else {
                    gpu.arithmetic().fill(state, (byte) 0, bytes);
                }
            });
        }
    }

    /** What the key has there, if nobody else reads it, to be written in place; else a copy of that, or of what the host has. */
    private GpuTensors own(OnDevice known, List<DenseTensor> here, List<DType> types) {
        GpuTensors there = (GpuTensors) known;
        if (there != null && there.isExclusive()) {
            return there.retain();
        }
        GpuTensors copy = newTensors(types);
        for (int k = 0; k < types.size(); k++) {
            long to = copy.addresses()[k];
            if (there != null) {
                long from = there.addresses()[k];
                long bytes = length * types.get(k).bytes();
                preparing.add(() -> gpu.arithmetic().copy(to, from, bytes));
            } else {
                DenseTensor source = here.get(k);
                transfers.add(read -> gpu.upload(gpu.uploads(), source, to, read));
            }
        }
        return copy;
    }

    private GpuTensors newTensors(List<DType> types) {
        List<GpuBuffer> buffers = new ArrayList<>(types.size());
        try {
            types.forEach(type -> buffers.add(take(type)));
        } catch (RuntimeException | Error e) {
            buffers.forEach(GpuBuffer::release);
            throw e;
        }
        return new GpuTensors(gpu, buffers);
    }

    /** For uploads, and for the arithmetic, which comes after them. */
    private GpuBuffer take(DType type) {
        return gpu.take(length * type.bytes(), gpu.uploads(), device.inUse());
    }

    private void launch(Throwable failure) {
        release(false);
        if (failure != null) {
            abandon(failure);
            return;
        }
        try {
            refuseRevoked();
            gpu.order(gpu.uploads(), gpu.arithmetic());
            gradients.unpack();
            preparing.forEach(Runnable::run);
            if (optimizer == null) {
                sum();
            } else {
                update();
            }
            gpu.whenDone(gpu.arithmetic(), lost -> device.thread().execute(() -> finish(lost)));
        } catch (RuntimeException | Error e) {
            abandon(e);
        }
    }

    /** While other arrays were brought, a caller may have stopped waiting. */
    private void refuseRevoked() {
        for (Tensor gradient : held) {
            if (gradient instanceof DeviceTensor array) {
                Gpus.refuseRevoked(array);
            }
        }
    }

    /** The sum becomes the value. */
    private void sum() {
        long[] sources = gradients.addresses();
        GpuBuffer into = gradients.takeFirst();
        boolean alone = into != null && sources.length == 1;
        value = new GpuTensors(gpu, List.of(into != null ? into : take(dtype)));
        if (!alone) {
            gpu.kernels().sum(gpu.arithmetic(), dtype, sources, value.address(), length);
        }
    }

    private void update() {
        if (record.rows != null && ids != null) {
            record.rows.add(ids);
        } else if (record.rows != null) {
            record.rows.addAll();
        }
        if (isLazy()) {
            gpu.kernels()
                    .updateRows(
                            gpu.arithmetic(),
                            step,
                            dtype,
                            gradients.addresses()[0],
                            gradients.ids(),
                            gradients.rows(),
                            record.shape.rowLength(),
                            value.address(),
                            states.addresses());
            return;
        }
        long[] sources = gradients.addresses();
        if (sources.length > MOST_GRADIENTS) {
            long into = gradients.scratch(length * dtype.bytes());
            gpu.kernels().sum(gpu.arithmetic(), dtype, sources, into, length);
            sources = new long[] {into};
        }
        gpu.kernels().update(gpu.arithmetic(), step, dtype, sources, value.address(), states.addresses(), length);
    }

    /** It has failed: gives everything back once nothing works on it any more. */
    private void abandon(Throwable failure) {
        try {
            gpu.order(gpu.uploads(), gpu.arithmetic());
            gpu.whenDone(gpu.arithmetic(), lost -> device.thread().execute(() -> finish(failure)));
        } catch (RuntimeException lost) { // then nothing works on it either
            finish(failure);
        }
    }

    private void finish(Throwable failure) {
        release(true);
        gradients.release();
        if (failure == null) {
            report.accept(outcome(), null);
            return;
        }
        KeyRecord.release(value);
        KeyRecord.release(states);
        report.accept(null, failure);
    }

    private Commit.Outcome outcome() {
        if (optimizer != null) {
            return new Commit.Outcome(null, record.rows, List.of(), updates, value, states);
        }
        RowSet rows = record.rows != null && ids != null ? RowSet.of(record.shape, ids) : RowSet.allOf(record);
        OnDevice kept = record.deviceStates == null ? null : record.deviceStates.retain();
        return new Commit.Outcome(null, rows, record.states, updates, value, kept);
    }

    /** Releases what was pushed: arrays on GPUs when all is done, others once they are read. */
    private void release(boolean done) {
        held.removeIf(gradient -> {
            boolean over = done || !(gradient instanceof DeviceTensor);
            if (over) {
                gradient.release();
            }
            return over;
        });
    }
}
