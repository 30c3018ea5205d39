package io.kvstore.tensor;

import java.util.Locale;

/** The element type of a tensor, named as MXNet and NumPy name it. */
public enum DType {
    /** IEEE 754 binary16, held as its bits in a {@code short}. */
    FLOAT16(2, true),
    /** The upper half of a binary32, held as its bits in a {@code short}. */
    BFLOAT16(2, true),
    FLOAT32(4, true),
    FLOAT64(8, true),
    INT8(1, false),
    /** 0 to 255, held as its bits in a {@code byte}. */
    UINT8(1, false),
    INT32(4, false),
    INT64(8, false);

    private final int bytes;
    private final boolean floating;

    DType(int bytes, boolean floating) {
        this.bytes = bytes;
        this.floating = floating;
    }

    /** Bytes per element. */
    public int bytes() {
        return bytes;
    }

    public boolean isFloating() {
        return floating;
    }

    /** A new zeroed array of the primitive type that holds {@code length} elements. */
    Object newArray(int length) {
        return switch (this) {
            case FLOAT32 -> new float[length];
            case FLOAT64 -> new double[length];
            case FLOAT16, BFLOAT16 -> new short[length];
            case INT8, UINT8 -> new byte[length];
            case INT32 -> new int[length];
            case INT64 -> new long[length];
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
