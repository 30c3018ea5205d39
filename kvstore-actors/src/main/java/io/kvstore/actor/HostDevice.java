package io.kvstore.actor;

import io.kvstore.Stats;
import io.kvstore.profile.Profile;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DeviceTensor;
import io.kvstore.tensor.Kernels;
import io.kvstore.tensor.Tensor;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** A logical device on the host: a share of the keys, whose buffers are in the Java heap. */
final class HostDevice implements Device {
    private final String name;
    private final BufferPool pool;
    private final HostCommit arithmetic;
    private final Profile profile;
    private final Gpus gpus; // null: the store has none
    private Executor thread = Runnable::run;

    /** @param gpus those of the store, on which arrays may lie; null if there are none */
    HostDevice(String name, BufferPool pool, Profile profile, Gpus gpus) {
        this.name = name;
        this.pool = pool;
        this.arithmetic = new HostCommit(pool, Kernels.DEVICE_GROUP);
        this.profile = profile;
        this.gpus = gpus;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void runOn(Executor actor) {
        thread = actor;
    }

    @Override
    public void begin(Commit commit, Consumer<KeyEvent> report) {
        if (gpus == null || !hasArraysOfGpus(commit)) {
            report.accept(CommitRun.run(profile, arithmetic::carryOut, commit));
            return;
        }
        Consumer<KeyEvent> told = CommitRun.profiled(profile, commit, report);
        new HostedCommit(gpus, thread, pool, arithmetic, commit, (outcome, failure) -> {
                    if (failure == null) {
                        told.accept(new KeyEvent.Committed(commit, outcome));
                    } else {
                        told.accept(CommitRun.failure(
                                commit,
                                GpuFailure.of(
                                        failure,
                                        "a commit of " + commit.bytes() + " bytes on " + name,
                                        "the array that was pushed is gone with it",
                                        "the value was kept")));
                    }
                })
                .begin();
    }

    private static boolean hasArraysOfGpus(Commit commit) {
        for (Tensor gradient : commit.gradients()) {
            if (gradient instanceof DeviceTensor) {
                return true;
            }
        }
        return false;
    }

    /** Only arrays on GPUs are filled by errand: everything else of the key is here. */
    @Override
    public void begin(Errand errand, Consumer<KeyEvent> report) {
        new GpuFill(gpus, thread, pool, errand.record()).begin(errand.outs(), failure -> {
            if (failure == null) {
                report.accept(new KeyEvent.ErrandDone(errand, List.of()));
            } else {
                var why = GpuFailure.of(
                        failure,
                        "a copy of version " + errand.record().version + " from " + name,
                        "the array to be filled is gone with it",
                        "the value was kept");
                report.accept(new KeyEvent.ErrandFailed(errand, why.reason(), why.getMessage()));
            }
        });
    }

    @Override
    public Stats.DeviceStats stats(long keys, long assignedBytes) {
        return new Stats.DeviceStats(name, keys, assignedBytes, pool.liveBytes());
    }

    @Override
    public void close() {
        pool.clear();
    }
}
