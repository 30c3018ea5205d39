package io.kvstore.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/**
 * The memory outside the Java heap, seen through windows of almost 2 GiB, one for each GiB of the address space that was
 * ever asked for. A window owns nothing and checks nothing: whoever uses it knows that the memory is there.
 *
 * <p>Making a buffer over native memory costs more than copying a small array; a window is made once and serves all arrays
 * that begin in its first half.
 */
final class NativeMemory {
    private static final int REGION_BITS = 30;
    private static final Map<Long, NativeMemory> WINDOWS = new ConcurrentHashMap<>();

    private final long base;
    private final Primitives[] byType = new Primitives[DType.values().length];

    private NativeMemory(long base) {
        this.base = base;
        ByteBuffer bytes = new BytePointer(new Address(base)).asByteBuffer().order(ByteOrder.nativeOrder());
        for (DType dtype : DType.values()) {
            byType[dtype.ordinal()] = Primitives.of(dtype, bytes);
        }
    }

    private static final class Address extends Pointer {
        Address(long address) {
            this.address = address;
            this.limit = Integer.MAX_VALUE;
            this.capacity = Integer.MAX_VALUE;
        }
    }

    /** A window that holds at least a GiB from {@code address}, which need not be aligned for the type. */
    static NativeMemory at(long address, DType dtype) {
        long odd = address & (dtype.bytes() - 1);
        long region = address >>> REGION_BITS;
        NativeMemory known = WINDOWS.get(region << 3 | odd);
        return known != null
                ? known
                : WINDOWS.computeIfAbsent(region << 3 | odd, key -> new NativeMemory(start(region) + odd));
    }

    /** Not address 0, of which no buffer can be made; nothing lies in its page. */
    private static long start(long region) {
        return Math.max(region << REGION_BITS, 4096);
    }

    /** The window's elements of that type. */
    Primitives elements(DType dtype) {
        return byType[dtype.ordinal()];
    }

    /** The index in the window of the element of that type at {@code address}. */
    int index(long address, DType dtype) {
        return (int) ((address - base) / dtype.bytes());
    }
}
