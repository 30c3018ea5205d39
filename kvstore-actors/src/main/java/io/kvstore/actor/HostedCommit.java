package io.kvstore.actor;

import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.DeviceTensor;
import io.kvstore.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;

/**
 * One commit by the host's arithmetic in a store with GPUs: copies of what lies on a GPU are brought here first, and what it
 * makes stays here. On the thread of the device's actor.
 */
final class HostedCommit {
    private final Gpus gpus;
    private final BufferPool pool;
    private final HostCommit host;
    private final Commit commit;
    private final BiConsumer<Commit.Outcome, Throwable> report;
    private final Transfers transfers;
    private final List<Tensor> gradients = new ArrayList<>();
    private final List<DenseTensor> values = new ArrayList<>();
    private final List<DenseTensor> states = new ArrayList<>();
    private final boolean needsStates;
    private boolean copied;

    /** @param report told the outcome, or why there is none */
    HostedCommit(
            Gpus gpus,
            Executor thread,
            BufferPool pool,
            HostCommit host,
            Commit commit,
            BiConsumer<Commit.Outcome, Throwable> report) {
        this.gpus = gpus;
        this.pool = pool;
        this.host = host;
        this.commit = commit;
        this.report = report;
        this.transfers = new Transfers(thread);
        this.needsStates = CommitOfCopies.needsStates(commit);
    }

    void begin() {
        KeyRecord record = commit.record();
        try {
            if (CommitOfCopies.needsValue(commit)) {
                copy(record.deviceValue, List.of(record.dtype), values);
            }
            if (needsStates) {
                copy(record.deviceStates, record.config.optimizer().stateForm().types(record.dtype), states);
            }
            commit.gradients().forEach(gradient -> gradients.add(onHost(gradient)));
        } catch (RuntimeException | Error e) {
            transfers.fail(e);
            copied = true;
        }
        if (copied) {
            transfers.whenOver(this::carryOut);
        } else {
            carryOut(null);
        }
    }

    private void copy(OnDevice held, List<DType> types, List<DenseTensor> into) {
        copied = true;
        ((GpuTensors) held).download(types, commit.record().shape, pool, transfers, into);
    }

    private Tensor onHost(Tensor gradient) {
        if (!(gradient instanceof DeviceTensor array)) {
            return gradient;
        }
        copied = true;
        DenseTensor copy = pool.take(array.dtype(), array.shape());
        transfers.add(written -> gpus.download(array, copy, written));
        return copy;
    }

    private void carryOut(Throwable failure) {
        for (Tensor gradient : commit.gradients()) {
            if (gradient instanceof DeviceTensor) {
                gradient.release();
            }
        }
        Commit.Outcome outcome = null;
        Throwable thrown = failure;
        if (failure != null) {
            release();
        } else {
            try {
                outcome = CommitOfCopies.carryOut(
                        host, commit, gradients, values.isEmpty() ? null : values.get(0), needsStates ? states : null);
            } catch (Throwable e) { // whatever it is, the key goes on
                thrown = e;
            }
        }
        report.accept(outcome, thrown);
    }

    private void release() {
        gradients.forEach(Tensor::release);
        for (Tensor gradient :
                commit.gradients().subList(gradients.size(), commit.gradients().size())) {
            if (!(gradient instanceof DeviceTensor)) {
                gradient.release();
            }
        }
        values.forEach(DenseTensor::release);
        states.forEach(DenseTensor::release);
    }
}
