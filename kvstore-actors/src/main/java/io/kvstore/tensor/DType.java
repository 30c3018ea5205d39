package io.kvstore.tensor;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The element type of a tensor, named as MXNet and NumPy name it. */
public enum DType {
    /** IEEE 754 binary16, held as its bits in a {@code short}. */
    FLOAT16(2, true, 2),
    /** The upper half of a binary32, held as its bits in a {@code short}. */
    BFLOAT16(2, true, 12),
    FLOAT32(4, true, 0),
    FLOAT64(8, true, 1),
    INT8(1, false, 5),
    /** 0 to 255, held as its bits in a {@code byte}. */
    UINT8(1, false, 3),
    INT32(4, false, 4),
    INT64(8, false, 6);

    private final int bytes;
    private final boolean floating;
    private final int code;

    DType(int bytes, boolean floating, int code) {
        this.bytes = bytes;
        this.floating = floating;
        this.code = code;
    }

    /** The type with that {@link #code}, if there is one. */
    public static Optional<DType> ofCode(int code) {
        return Arrays.stream(values()).filter(dtype -> dtype.code == code).findFirst();
    }

    /** The number by which files name the type, the same as MXNet's (mshadow's {@code TypeFlag}). */
    public int code() {
        return code;
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
