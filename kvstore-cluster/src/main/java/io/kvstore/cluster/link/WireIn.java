package io.kvstore.cluster.link;

import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import io.kvstore.tensor.TensorBytes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Where the fields of a message are read from. Nothing is believed: what a size claims must be there before memory is taken
 * for it, so that no input takes more memory than a small multiple of its own length.
 */
public final class WireIn {
    /** Keeps nothing. */
    private static final BufferPool HEAP = new BufferPool(0);

    private static final RecentTexts RECENT = new RecentTexts();

    private final ByteBuffer buffer;
    private final BufferPool pool;
    private final ElementsIn apart; // null: all elements stand among the fields
    private final List<DenseTensor> taken = new ArrayList<>();

    private WireIn(ByteBuffer buffer, BufferPool pool, ElementsIn apart) {
        this.buffer = buffer;
        this.pool = pool;
        this.apart = apart;
    }

    /** Reads from the buffer's position to its limit, without a pool. The buffer's order is changed. */
    public static WireIn of(ByteBuffer buffer) {
        return of(buffer, HEAP);
    }

    /** Reads from the buffer's position to its limit; tensors are taken from {@code pool}. The buffer's order is changed. */
    static WireIn of(ByteBuffer buffer, BufferPool pool) {
        return of(buffer, pool, null);
    }

    /** The same of what was written with {@link ElementsOut}. */
    static WireIn of(ByteBuffer buffer, BufferPool pool, ElementsIn apart) {
        return new WireIn(buffer.order(ByteOrder.LITTLE_ENDIAN), pool, apart);
    }

    /** Reads on with tensors that nobody has to release. */
    WireIn unpooled() {
        return new WireIn(buffer, HEAP, apart);
    }

    /** Gives back the tensors that were read: nobody will use them. */
    void release() {
        taken.forEach(DenseTensor::release);
        taken.clear();
    }

    /** Takes over the tensors that were read from a piece of this. */
    void adopt(WireIn piece) {
        taken.addAll(piece.taken);
    }

    /** The next {@code bytes} on their own; this goes on after them. */
    WireIn piece(int bytes) {
        need(bytes);
        ByteBuffer piece = buffer.slice(buffer.position(), bytes).order(ByteOrder.LITTLE_ENDIAN);
        buffer.position(buffer.position() + bytes);
        return new WireIn(piece, pool, apart);
    }

    int remaining() {
        return buffer.remaining();
    }

    /** @throws WireException if something is left */
    public void end() {
        if (buffer.hasRemaining()) {
            throw new WireException(buffer.remaining() + " bytes more than expected");
        }
    }

    private void need(long bytes) {
        if (bytes < 0 || bytes > buffer.remaining()) {
            throw new WireException("expected " + bytes + " more bytes, there are " + buffer.remaining());
        }
    }

    public int u8() {
        need(1);
        return buffer.get() & 0xff;
    }

    public boolean bool() {
        int value = u8();
        if (value > 1) {
            throw new WireException("expected 0 or 1, given " + value);
        }
        return value == 1;
    }

    public int i32() {
        need(4);
        return buffer.getInt();
    }

    public long i64() {
        need(8);
        return buffer.getLong();
    }

    /** The number of things that follow, each of at least {@code bytes}. */
    int count(int bytes) {
        int count = i32();
        need(count < 0 ? -1 : (long) count * bytes);
        return count;
    }

    long[] i64s() {
        long[] values = new long[count(8)];
        for (int i = 0; i < values.length; i++) {
            values[i] = buffer.getLong();
        }
        return values;
    }

    byte[] bytes() {
        byte[] value = new byte[count(1)];
        buffer.get(value);
        return value;
    }

    public String text() {
        int length = count(1);
        String recent = RECENT.read(buffer, length);
        return recent != null ? recent : decoded(length);
    }

    private String decoded(int length) {
        ByteBuffer utf8 = buffer.slice(buffer.position(), length);
        buffer.position(buffer.position() + length);
        try {
            CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(utf8);
            return text.toString();
        } catch (CharacterCodingException e) {
            throw new WireException("text that is not UTF-8", e);
        }
    }

    /** A dense tensor from the pool, held once. */
    DenseTensor elements(DType dtype, Shape shape) {
        long bytes = bytesOf(dtype, shape);
        if (apart != null && bytes >= ElementsOut.LEAST_BYTES) {
            int place = i32();
            apart.check(place, bytes);
            DenseTensor tensor = take(dtype, shape);
            apart.get(place, tensor);
            return tensor;
        }
        need(bytes);
        DenseTensor tensor = take(dtype, shape);
        TensorBytes.get(buffer, tensor, 0, tensor.length());
        return tensor;
    }

    private DenseTensor take(DType dtype, Shape shape) {
        DenseTensor tensor = pool.take(dtype, shape);
        taken.add(tensor);
        return tensor;
    }

    private static long bytesOf(DType dtype, Shape shape) {
        try {
            return Math.multiplyExact(shape.length(), dtype.bytes());
        } catch (ArithmeticException e) {
            throw new WireException("a tensor " + dtype + shape + " is too large", e);
        }
    }

    <T> T optional(Function<WireIn, T> read) {
        return bool() ? read.apply(this) : null;
    }

    /** @param bytes the least size of one */
    public <T> List<T> list(int bytes, Function<WireIn, T> read) {
        int count = count(bytes);
        List<T> values = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            values.add(read.apply(this));
        }
        return List.copyOf(values);
    }
}
