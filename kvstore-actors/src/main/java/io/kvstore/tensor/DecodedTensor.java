package io.kvstore.tensor;

/** An encoded tensor read as the dense one that it stands for, block by block; it is never unpacked as a whole. */
public final class DecodedTensor implements Dense {

    /** How a sound payload is read. */
    @FunctionalInterface
    public interface Decoder {
        /** Writes elements {@code [from, from + count)} of {@code payload} to {@code into} at {@code at}. */
        void decode(byte[] payload, int from, int count, float[] into, int at);
    }

    private final EncodedTensor encoded;
    private final Decoder decoder;

    /** @param encoded of type float32, its payload known to be sound */
    public DecodedTensor(EncodedTensor encoded, Decoder decoder) {
        this.encoded = encoded;
        this.decoder = decoder;
    }

    @Override
    public DType dtype() {
        return encoded.dtype();
    }

    @Override
    public Shape shape() {
        return encoded.shape();
    }

    @Override
    public int length() {
        return (int) encoded.shape().length();
    }

    @Override
    public void read(int from, Object target, int at, int count) {
        decoder.decode(encoded.payload(), from, count, (float[]) target, at);
    }

    @Override
    public Object arrayOrNull() {
        return null;
    }

    @Override
    public void release() {
        encoded.release();
    }

    @Override
    public String toString() {
        return encoded.toString();
    }
}
