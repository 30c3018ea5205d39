package io.kvstore.actor;

import io.kvstore.KVStoreException;
import io.kvstore.Stats;
import io.kvstore.profile.Profile;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Kernels;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * A logical device on a GPU: a share of the keys, whose values and optimizer states lie there from their first commit on.
 *
 * <p>Commits without a kernel are carried out by the host, and the value stays there until the next one with a kernel. So do
 * the commits of a GPU that was lost, as far as the host has what they need.
 */
final class CudaDevice implements Device {
    private static final String NEW_KEY = "delete the key and init it again";

    private final String name;
    private final Gpus gpus;
    private final StoreGpu gpu;
    private final BufferPool pool;
    private final HostCommit host;
    private final Profile profile;
    private final AtomicLong inUse = new AtomicLong();
    private volatile Executor thread = Runnable::run;

    /** @param pool copies on the host come from there */
    CudaDevice(String name, Gpus gpus, StoreGpu gpu, BufferPool pool, Profile profile) {
        this.name = name;
        this.gpus = gpus;
        this.gpu = gpu;
        this.pool = pool;
        this.host = new HostCommit(pool, Kernels.DEVICE_GROUP);
        this.profile = profile;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void runOn(Executor actor) {
        thread = actor;
    }

    Executor thread() {
        return thread;
    }

    StoreGpu gpu() {
        return gpu;
    }

    BufferPool pool() {
        return pool;
    }

    /** Counts the bytes of the GPU's memory that are in use for this device. */
    AtomicLong inUse() {
        return inUse;
    }

    @Override
    public void begin(Commit commit, Consumer<KeyEvent> report) {
        Consumer<KeyEvent> told = CommitRun.profiled(profile, commit, report);
        try {
            if (isAvailable() && CudaCommit.takes(commit)) {
                new CudaCommit(gpus, this, commit, (outcome, failure) -> tell(commit, outcome, failure, told)).begin();
            } else {
                new HostedCommit(
                                gpus,
                                thread,
                                pool,
                                host,
                                commit,
                                (outcome, failure) -> tell(commit, outcome, failure, told))
                        .begin();
            }
        } catch (RuntimeException e) { // whatever it is, the key goes on
            commit.releaseGradients();
            tell(commit, null, e, told);
        }
    }

    private void tell(Commit commit, Commit.Outcome outcome, Throwable failure, Consumer<KeyEvent> told) {
        if (failure == null) {
            told.accept(new KeyEvent.Committed(commit, outcome));
            return;
        }
        gpus.noteLost(failure);
        told.accept(CommitRun.failure(
                commit,
                GpuFailure.of(
                        failure,
                        "a commit of " + commit.bytes() + " bytes on " + name,
                        "the key's value, or the states of its optimizer, were there alone: delete the key and init it"
                                + " again, or load the states",
                        "the value was kept")));
    }

    @Override
    public void begin(Errand errand, Consumer<KeyEvent> report) {
        switch (errand.kind()) {
            case FILL -> fill(errand, report);
            case ROWS ->
                new GpuRows(this, errand, (rows, failure) -> over(errand, rows, failure, NEW_KEY, report)).begin();
            case VALUE -> bring(errand, errand.record().deviceValue, List.of(errand.record().dtype), NEW_KEY, report);
            case STATES ->
                bring(
                        errand,
                        errand.record().deviceStates,
                        errand.record().config.optimizer().stateForm().types(errand.record().dtype),
                        "load them, or delete the key and init it again",
                        report);
        }
    }

    private void fill(Errand errand, Consumer<KeyEvent> report) {
        new GpuFill(gpus, thread, pool, errand.record())
                .begin(errand.outs(), failure -> over(errand, List.of(), failure, NEW_KEY, report));
    }

    /** Copies tensors to the host. */
    private void bring(Errand errand, OnDevice held, List<DType> types, String remedy, Consumer<KeyEvent> report) {
        GpuTensors there = (GpuTensors) held;
        Transfers transfers = new Transfers(thread);
        List<DenseTensor> copies = new ArrayList<>();
        try {
            there.download(types, errand.record().shape, pool, transfers, copies);
        } catch (RuntimeException | Error e) {
            transfers.fail(e);
        }
        there.retain();
        transfers.whenOver(failure -> {
            there.release();
            over(errand, copies, failure, remedy, report);
        });
    }

    private void over(
            Errand errand, List<DenseTensor> copies, Throwable failure, String remedy, Consumer<KeyEvent> report) {
        if (failure == null) {
            report.accept(new KeyEvent.ErrandDone(errand, copies));
            return;
        }
        copies.forEach(DenseTensor::release);
        gpus.noteLost(failure);
        String version = "version " + errand.record().version;
        KVStoreException why = GpuFailure.of(
                failure,
                "a copy of " + version + " from " + name,
                "they were there alone: " + remedy,
                version + " was kept, with all that was pushed before");
        report.accept(new KeyEvent.ErrandFailed(errand, why.reason(), why.getMessage()));
    }

    @Override
    public boolean isAvailable() {
        return !gpu.isLost();
    }

    @Override
    public Stats.DeviceStats stats(long keys, long assignedBytes) {
        return new Stats.DeviceStats(
                name,
                keys,
                assignedBytes,
                inUse.get(),
                gpu.idleBytes(),
                gpu.info().totalBytes(),
                gpu.isLost() ? gpu.info().name() + ", lost" : gpu.info().name());
    }

    /** What is on the GPU is the GPU's to free. */
    @Override
    public void close() {}
}
