package io.kvstore.examples.benchmarks.mxnet;

/** An element type of MXNet arrays, with MXNet's number for it and its size in bytes. */
public enum MxType {
    FLOAT32(0, 4),
    FLOAT64(1, 8),
    FLOAT16(2, 2),
    UINT8(3, 1),
    INT32(4, 4),
    INT8(5, 1),
    INT64(6, 8),
    BFLOAT16(12, 2);

    private final int code;
    private final int bytes;

    MxType(int code, int bytes) {
        this.code = code;
        this.bytes = bytes;
    }

    /** MXNet's number for this type. */
    public int code() {
        return code;
    }

    /** The size of one element, in bytes. */
    public int bytes() {
        return bytes;
    }

    static MxType of(int code) {
        for (MxType type : values()) {
            if (type.code == code) {
                return type;
            }
        }
        throw new MxException("unknown element type: code=" + code);
    }
}
