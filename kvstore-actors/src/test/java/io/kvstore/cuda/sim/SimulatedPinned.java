package io.kvstore.cuda.sim;

import io.kvstore.cuda.PinnedMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;

/** Pinned memory of the simulated driver. */
final class SimulatedPinned implements PinnedMemory {
    /** What is in the place of bytes that are still to be downloaded. */
    private static final byte PENDING = (byte) 0xdb;

    private final SimulatedDriver driver;
    private final Allocation allocation;
    private volatile boolean closed;

    SimulatedPinned(SimulatedDriver driver, int size) {
        this.driver = driver;
        this.allocation = Allocation.pinned("pinned memory of " + size + " bytes", size);
    }

    Allocation allocation() {
        if (closed) {
            driver.fault("pinned memory is used after it was closed");
        }
        return allocation;
    }

    int size() {
        return allocation.size();
    }

    boolean isClosed() {
        return closed;
    }

    /** A number that differs if one of the bytes does. */
    long sumOf(int offset, int bytes) {
        CRC32 sum = new CRC32();
        sum.update(allocation.pinnedBytes().slice(offset, bytes));
        return sum.getValue();
    }

    void pending(int offset, int bytes) {
        for (int i = 0; i < bytes; i++) {
            allocation.pinnedBytes().put(offset + i, PENDING);
        }
    }

    @Override
    public ByteBuffer bytes() {
        return allocation().pinnedBytes().duplicate().order(ByteOrder.nativeOrder());
    }

    @Override
    public void close() {
        closed = true;
        synchronized (driver) {
            allocation.free(driver.seenByHost(), driver);
        }
    }

    @Override
    public String toString() {
        return allocation.toString();
    }
}
