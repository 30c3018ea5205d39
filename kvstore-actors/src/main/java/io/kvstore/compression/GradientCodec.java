package io.kvstore.compression;

import io.kvstore.tensor.DecodedTensor;

/**
 * Packs float32 gradients into bytes and reads them back; without state, for any number of threads.
 *
 * <p>A payload is less than the values it was made of. What it does not carry stays behind in the array it was made of,
 * for the sender to add to the next gradient ({@link Residuals}): over time nothing is lost, only late.
 *
 * <p>A payload stands for a whole tensor or for a range of one, a slice. Slices that begin at multiples of 32 elements
 * decode to the bits of the whole.
 */
public interface GradientCodec extends DecodedTensor.Decoder {

    /** Packs one tensor. */
    interface Encoder {
        /**
         * The payload of elements {@code [from, from + count)}; what it does not carry is left in their place. Ranges may
         * be encoded in any order, each once.
         */
        byte[] encode(int from, int count);
    }

    /** Bytes of the payload of a whole tensor with {@code length} elements. */
    long payloadBytes(int length);

    /** Settles what depends on the tensor as a whole, so that ranges of it can be packed one by one. */
    Encoder encoder(float[] values);

    /**
     * Why {@code payload} cannot stand for {@code length} elements, or null if it can. Any bytes may be asked about; none
     * but sound ones may be decoded.
     */
    String problem(byte[] payload, int length);

    /** Writes elements {@code [from, from + count)} of a sound payload to {@code into} at {@code at}. */
    @Override
    void decode(byte[] payload, int from, int count, float[] into, int at);
}
