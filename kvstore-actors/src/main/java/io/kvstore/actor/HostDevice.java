package io.kvstore.actor;

import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.Kernels;

/** A logical device on the host: a share of the keys, whose buffers are in the Java heap. */
final class HostDevice implements Device {
    private final String name;
    private final BufferPool pool;
    private final HostCommit arithmetic;

    HostDevice(int index, BufferPool pool) {
        this.name = "cpu(" + index + ")";
        this.pool = pool;
        this.arithmetic = new HostCommit(pool, Kernels.DEVICE_GROUP);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Commit.Outcome carryOut(Commit commit) {
        return arithmetic.carryOut(commit);
    }

    @Override
    public long liveBytes() {
        return pool.liveBytes();
    }

    @Override
    public void close() {
        pool.clear();
    }
}
