package io.kvstore.cuda.sim;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A piece of memory and who touched which part of it in which order. Its content is what the worker makes of it; its
 * history is guarded by the driver.
 */
final class Allocation {
    private static final VarHandle SHORTS = view(short[].class);
    private static final VarHandle INTS = view(int[].class);
    private static final VarHandle LONGS = view(long[].class);

    /** New memory is no zeros, which some would take for granted. */
    private static final byte GARBAGE = (byte) 0xcb;

    /** What one operation did to elements {@code from} to {@code to - 1}. */
    private record Access(Operation by, long from, long to, boolean write) {
        boolean meets(Access other) {
            return (write || other.write) && from < other.to && other.from < to;
        }

        boolean coveredBy(Access later) {
            return (later.write || !write) && later.from <= from && to <= later.to;
        }
    }

    private final String name;
    private final byte[] device;
    private final ByteBuffer pinned;
    private final int size;
    private List<Access> history = new ArrayList<>();
    private volatile boolean freed;

    private Operation toucher;
    private long readFrom;
    private long readTo;
    private long writtenFrom;
    private long writtenTo;

    private Allocation(String name, byte[] device, ByteBuffer pinned, int size) {
        this.name = name;
        this.device = device;
        this.pinned = pinned;
        this.size = size;
    }

    static Allocation onDevice(String name, int size) {
        byte[] bytes = new byte[size];
        Arrays.fill(bytes, GARBAGE);
        return new Allocation(name, bytes, null, size);
    }

    static Allocation pinned(String name, int size) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
        for (int i = 0; i < size; i++) {
            bytes.put(i, GARBAGE);
        }
        return new Allocation(name, null, bytes, size);
    }

    private static VarHandle view(Class<?> type) {
        return MethodHandles.byteArrayViewVarHandle(type, ByteOrder.LITTLE_ENDIAN);
    }

    int size() {
        return size;
    }

    ByteBuffer pinnedBytes() {
        return pinned;
    }

    byte[] deviceBytes() {
        return device;
    }

    boolean isFreed() {
        return freed;
    }

    long load(int at, int bytes) {
        return switch (bytes) {
            case 1 -> device[at];
            case 2 -> (short) SHORTS.get(device, at);
            case 4 -> (int) INTS.get(device, at);
            default -> (long) LONGS.get(device, at);
        };
    }

    void store(int at, int bytes, long value) {
        switch (bytes) {
            case 1 -> device[at] = (byte) value;
            case 2 -> SHORTS.set(device, at, (short) value);
            case 4 -> INTS.set(device, at, (int) value);
            default -> LONGS.set(device, at, value);
        }
    }

    /** Notes what the operation that is under way does. */
    void touch(Operation operation, long from, long bytes, boolean write) {
        if (toucher != operation) {
            toucher = operation;
            operation.touches(this);
            readFrom = Long.MAX_VALUE;
            readTo = 0;
            writtenFrom = Long.MAX_VALUE;
            writtenTo = 0;
        }
        if (write) {
            writtenFrom = Math.min(writtenFrom, from);
            writtenTo = Math.max(writtenTo, from + bytes);
        } else {
            readFrom = Math.min(readFrom, from);
            readTo = Math.max(readTo, from + bytes);
        }
    }

    /** Compares what the operation did with what others did before it. */
    void settle(Operation operation, SimulatedDriver driver) {
        toucher = null;
        if (readTo > 0) {
            settle(new Access(operation, readFrom, readTo, false), driver);
        }
        if (writtenTo > 0) {
            settle(new Access(operation, writtenFrom, writtenTo, true), driver);
        }
    }

    private void settle(Access access, SimulatedDriver driver) {
        List<Access> kept = new ArrayList<>();
        for (Access earlier : history) {
            boolean ordered = isBefore(earlier, access.by.clock());
            if (!ordered && access.meets(earlier)) {
                driver.fault("race: " + access.by + (access.write ? " writes" : " reads") + " what " + earlier.by
                        + (earlier.write ? " writes" : " reads") + " in " + name + ", bytes " + earlier.from + " to "
                        + (earlier.to - 1) + ", and no event puts them in order");
            }
            if (!ordered || !earlier.coveredBy(access)) {
                kept.add(earlier);
            }
        }
        kept.add(access);
        history = kept;
    }

    private static boolean isBefore(Access earlier, Clock clock) {
        return clock.covers(earlier.by.stream().id(), earlier.by.count());
    }

    /** Nobody may have to do with it any more. */
    void free(Clock seenByHost, SimulatedDriver driver) {
        if (freed) {
            driver.fault("freed twice: " + name);
        }
        freed = true;
        for (Access access : history) {
            if (!access.by.stream().isLost() && !isBefore(access, seenByHost)) {
                driver.fault("freed too early: " + name + ", though nobody asked whether " + access.by + " is done");
            }
        }
        history = List.of();
    }

    @Override
    public String toString() {
        return name;
    }
}
