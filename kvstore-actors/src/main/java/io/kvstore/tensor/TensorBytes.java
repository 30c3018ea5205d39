package io.kvstore.tensor;

import java.nio.ByteBuffer;

/** A dense tensor's elements as bytes, in the byte order of the buffer that takes or gives them. */
public final class TensorBytes {
    private TensorBytes() {}

    /** Puts all elements at the buffer's position, which moves behind them; in bulk if they lie in an array. */
    public static void put(Dense tensor, ByteBuffer target) {
        put(tensor, 0, tensor.length(), target);
    }

    /** Puts elements {@code [from, from + count)} at the buffer's position, which moves behind them. */
    public static void put(Dense tensor, int from, int count, ByteBuffer target) {
        if (tensor instanceof DenseTensor whole) {
            put(whole, from, count, target);
        } else if (tensor instanceof DenseSlice slice) {
            put(slice.whole(), slice.from() + from, count, target);
        } else if (tensor instanceof BorrowedSlice lent && lent.read(from, count, elements(lent.dtype(), target))) {
            target.position(target.position() + count * lent.dtype().bytes());
        } else {
            putInBlocks(tensor, from, count, target);
        }
    }

    private static void putInBlocks(Dense tensor, int first, int length, ByteBuffer target) {
        Object scratch = Kernels.scratch(tensor.dtype())[0];
        Primitives elements = elements(tensor.dtype(), target);
        for (int from = 0; from < length; from += Kernels.BLOCK) {
            int count = Math.min(Kernels.BLOCK, length - from);
            tensor.read(first + from, scratch, 0, count);
            elements.put(from, scratch, 0, count);
        }
        target.position(target.position() + length * tensor.dtype().bytes());
    }

    /** Puts elements {@code [from, from + count)} at the buffer's position, which moves behind them. */
    public static void put(DenseTensor tensor, int from, int count, ByteBuffer target) {
        elements(tensor.dtype(), target).put(0, tensor.data(), from, count);
        target.position(target.position() + count * tensor.dtype().bytes());
    }

    /**
     * Gets elements {@code [into, into + count)} from the buffer's position, which moves behind them.
     *
     * @param tensor exclusively the caller's
     */
    public static void get(ByteBuffer source, DenseTensor tensor, int into, int count) {
        elements(tensor.dtype(), source).get(0, tensor.data(), into, count);
        source.position(source.position() + count * tensor.dtype().bytes());
    }

    private static Primitives elements(DType dtype, ByteBuffer buffer) {
        return Primitives.of(dtype, buffer.slice().order(buffer.order()));
    }
}
