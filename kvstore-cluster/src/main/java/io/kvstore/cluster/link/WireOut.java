package io.kvstore.cluster.link;

import io.kvstore.tensor.Dense;
import io.kvstore.tensor.TensorBytes;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Where the fields of a message are written: little-endian into a buffer, or nowhere, only counted, so that sizes come from
 * the code that writes.
 */
public final class WireOut {
    private final ByteBuffer buffer; // null: count only
    private final ElementsOut apart; // null: all elements stand among the fields
    private long counted;

    private WireOut(ByteBuffer buffer, ElementsOut apart) {
        this.buffer = buffer;
        this.apart = apart;
    }

    /** Counts. */
    public static WireOut counting() {
        return new WireOut(null, null);
    }

    /** Writes at the buffer's position, whose order becomes little-endian. */
    public static WireOut into(ByteBuffer buffer) {
        return into(buffer, null);
    }

    /** Writes at the buffer's position, but large tensors' elements only by their place in {@code apart}. */
    static WireOut into(ByteBuffer buffer, ElementsOut apart) {
        return new WireOut(buffer.order(ByteOrder.LITTLE_ENDIAN), apart);
    }

    /** Bytes written or counted so far. */
    public long bytes() {
        return counted;
    }

    /** Leaves room for an i32 that {@link #fill} writes later; returns the place. */
    int reserve() {
        int place = buffer == null ? 0 : buffer.position();
        i32(0);
        return place;
    }

    void fill(int place, long value) {
        if (buffer != null) {
            buffer.putInt(place, Math.toIntExact(value));
        }
    }

    /** Takes back all that was written since {@link #bytes} was {@code before}. */
    void rewind(long before) {
        if (buffer != null) {
            buffer.position(buffer.position() - (int) (counted - before));
        }
        counted = before;
    }

    public WireOut u8(int value) {
        if (buffer != null) {
            buffer.put((byte) value);
        }
        counted += 1;
        return this;
    }

    public WireOut bool(boolean value) {
        return u8(value ? 1 : 0);
    }

    public WireOut i32(int value) {
        if (buffer != null) {
            buffer.putInt(value);
        }
        counted += 4;
        return this;
    }

    public WireOut i64(long value) {
        if (buffer != null) {
            buffer.putLong(value);
        }
        counted += 8;
        return this;
    }

    WireOut i64s(long[] values) {
        i32(values.length);
        for (long value : values) {
            i64(value);
        }
        return this;
    }

    WireOut bytes(byte[] value) {
        i32(value.length);
        if (buffer != null) {
            buffer.put(value);
        }
        counted += value.length;
        return this;
    }

    public WireOut text(String value) {
        return bytes(value.getBytes(StandardCharsets.UTF_8));
    }

    /** The elements alone; shape and type are written before. */
    WireOut elements(Dense tensor) {
        if (apart != null && tensor.bytes() >= ElementsOut.LEAST_BYTES) {
            return i32(apart.add(tensor));
        }
        if (buffer != null) {
            if (tensor.bytes() > buffer.remaining()) {
                throw new BufferOverflowException();
            }
            TensorBytes.put(tensor, buffer);
        }
        counted += tensor.bytes();
        return this;
    }

    /** A value that may be null. */
    <T> WireOut optional(T value, BiConsumer<WireOut, T> write) {
        bool(value != null);
        if (value != null) {
            write.accept(this, value);
        }
        return this;
    }

    public <T> WireOut list(List<T> values, BiConsumer<WireOut, T> write) {
        i32(values.size());
        for (T value : values) {
            write.accept(this, value);
        }
        return this;
    }
}
