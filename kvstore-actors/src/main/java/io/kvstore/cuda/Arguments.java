package io.kvstore.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The members of a struct, which is the one parameter of each kernel, laid out as C does: each at the next multiple of its
 * size. Not for several threads at once.
 */
public final class Arguments {
    private static final int MOST_BYTES = 256;

    private final ByteBuffer bytes = ByteBuffer.allocate(MOST_BYTES).order(ByteOrder.nativeOrder());

    /** A device address or a 64-bit number. */
    public Arguments add(long value) {
        align(Long.BYTES).putLong(value);
        return this;
    }

    /** A 32-bit number. */
    public Arguments add(int value) {
        align(Integer.BYTES).putInt(value);
        return this;
    }

    /** A float32 number. */
    public Arguments add(float value) {
        align(Float.BYTES).putFloat(value);
        return this;
    }

    /** A float64 number. */
    public Arguments add(double value) {
        align(Double.BYTES).putDouble(value);
        return this;
    }

    private ByteBuffer align(int size) {
        return bytes.position(bytes.position() + size - 1 & -size);
    }

    /** The whole array, of which {@link #size} bytes were added so far; to be read only. */
    public byte[] bytes() {
        return bytes.array();
    }

    /** How many bytes were added so far. */
    public int size() {
        return bytes.position();
    }
}
