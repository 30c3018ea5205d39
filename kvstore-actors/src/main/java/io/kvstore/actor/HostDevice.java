package io.kvstore.actor;

import io.kvstore.Stats;
import io.kvstore.profile.Profile;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.Kernels;
import java.util.function.Consumer;

/** A logical device on the host: a share of the keys, whose buffers are in the Java heap. */
final class HostDevice implements Device {
    private final String name;
    private final BufferPool pool;
    private final HostCommit arithmetic;
    private final Profile profile;

    HostDevice(int index, BufferPool pool, Profile profile) {
        this.name = "cpu(" + index + ")";
        this.pool = pool;
        this.arithmetic = new HostCommit(pool, Kernels.DEVICE_GROUP);
        this.profile = profile;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void begin(Commit commit, Consumer<KeyEvent> report) {
        report.accept(CommitRun.run(profile, arithmetic::carryOut, commit));
    }

    @Override
    public void begin(Errand errand, Consumer<KeyEvent> report) {
        throw new IllegalStateException("all of the key is on the host: " + errand);
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
