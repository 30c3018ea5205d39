package io.kvstore.compression;

import io.kvstore.KVStoreException;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DecodedTensor;
import io.kvstore.tensor.Dense;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.EncodedTensor;
import java.util.Optional;

/** A receiver's side of a compression, for tensors that may come from anywhere. */
public final class Decoding {
    private Decoding() {}

    /** Why the tensor cannot be decoded, or null if it can. Nothing is allocated for it before this is known. */
    public static String problem(EncodedTensor tensor) {
        GradientCodec codec;
        try {
            codec = codec(tensor);
        } catch (KVStoreException e) {
            return e.getMessage();
        }
        if (tensor.dtype() != DType.FLOAT32) {
            return "codec " + tensor.codec() + " is for float32, given " + tensor.dtype();
        }
        if (tensor.shape().length() > DenseTensor.MAX_LENGTH) {
            return "shape " + tensor.shape() + " has more than " + DenseTensor.MAX_LENGTH + " elements";
        }
        String problem = codec.problem(tensor.payload(), (int) tensor.shape().length());
        return problem == null ? null : "codec " + tensor.codec() + ": " + problem;
    }

    /** A tensor without a {@link #problem}, to be read as the dense one that it stands for. */
    public static Dense of(EncodedTensor tensor) {
        return new DecodedTensor(tensor, codec(tensor));
    }

    /**
     * What a device needs to know to read a payload of whole elements.
     *
     * @param count bits for each element, 1 or 2
     * @param threshold of the compression
     */
    public record Bits(int count, float threshold) {}

    /** How the elements of a tensor without a {@link #problem} are packed, if by 1 or 2 bits each. */
    public static Optional<Bits> bits(EncodedTensor tensor) {
        return bits(codec(tensor));
    }

    /** How the codec packs elements, if by 1 or 2 bits each. */
    static Optional<Bits> bits(GradientCodec codec) {
        if (codec instanceof OneBit one) {
            return Optional.of(new Bits(1, one.threshold()));
        }
        return codec instanceof TwoBit two ? Optional.of(new Bits(2, two.threshold())) : Optional.empty();
    }

    private static GradientCodec codec(EncodedTensor tensor) {
        return GradientCompression.parse(tensor.codec()).codec();
    }
}
