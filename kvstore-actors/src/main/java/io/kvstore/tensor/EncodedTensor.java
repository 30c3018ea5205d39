package io.kvstore.tensor;

import java.util.Arrays;

/** A dense tensor packed by a gradient codec; only that codec can read the payload. */
public final class EncodedTensor implements Tensor {
    private final String codec;
    private final DType dtype;
    private final Shape shape;
    private final byte[] payload;

    /**
     * @param codec the codec and its parameter, such as {@code 2bit(threshold=0.5)}; see {@code io.kvstore.compression}
     * @param dtype the element type after decoding
     * @param shape the shape after decoding
     * @param payload not copied; the tensor owns it from now on
     */
    public EncodedTensor(String codec, DType dtype, Shape shape, byte[] payload) {
        this.codec = codec;
        this.dtype = dtype;
        this.shape = shape;
        this.payload = payload;
    }

    public String codec() {
        return codec;
    }

    /** The packed bytes, for reading only. */
    public byte[] payload() {
        return payload;
    }

    @Override
    public DType dtype() {
        return dtype;
    }

    @Override
    public Shape shape() {
        return shape;
    }

    @Override
    public long bytes() {
        return payload.length;
    }

    @Override
    public void release() {}

    @Override
    public boolean equals(Object other) {
        return other instanceof EncodedTensor that
                && codec.equals(that.codec)
                && dtype == that.dtype
                && shape.equals(that.shape)
                && Arrays.equals(payload, that.payload);
    }

    @Override
    public int hashCode() {
        return 31 * shape.hashCode() + Arrays.hashCode(payload);
    }

    @Override
    public String toString() {
        return codec + " " + dtype + shape + " in " + payload.length + " bytes";
    }
}
