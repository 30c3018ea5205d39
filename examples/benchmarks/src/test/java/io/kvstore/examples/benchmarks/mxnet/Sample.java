package io.kvstore.examples.benchmarks.mxnet;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.StringJoiner;
import org.bytedeco.javacpp.indexer.HalfIndexer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The elements of one array, for both stores: type, shape, and the bytes in c order. Equality is bit by bit.
 *
 * @param bytes little-endian; not to be changed
 */
record Sample(MxType type, int[] shape, byte[] bytes) {
    private static final int SHOWN = 8;

    /** Random numbers of both signs, of about 1, with all their bits in use; of integer types any bits at all. */
    static Sample random(Random random, MxType type, int... shape) {
        if (isInteger(type)) {
            byte[] bytes = new byte[size(shape) * type.bytes()];
            random.nextBytes(bytes);
            return new Sample(type, shape, bytes);
        }
        return of(type, shape, random.doubles(size(shape), -2, 2).toArray());
    }

    /** Random whole numbers from -4 to 4, or 0 to 8 where the type has no sign: sums of them are exact. */
    static Sample small(Random random, MxType type, int... shape) {
        int least = type == MxType.UINT8 ? 0 : -4;
        double[] values =
                random.ints(size(shape), least, least + 9).asDoubleStream().toArray();
        return of(type, shape, values);
    }

    /** The given numbers, rounded to the type; bfloat16 numbers are cut off. */
    static Sample of(MxType type, int[] shape, double... values) {
        ByteBuffer buffer = buffer(new byte[values.length * type.bytes()]);
        for (double value : values) {
            put(buffer, type, value);
        }
        return new Sample(type, shape, buffer.array());
    }

    static Sample of(MxArray array) {
        return new Sample(array.type(), array.shape(), array.toBytes());
    }

    static Sample of(INDArray array) {
        INDArray copy = array.dup('c');
        byte[] bytes = new byte[(int) copy.length() * copy.dataType().width()];
        copy.data().pointer().asByteBuffer().get(bytes);
        int[] shape = Arrays.stream(copy.shape()).mapToInt(Math::toIntExact).toArray();
        return new Sample(typeOf(copy.dataType()), shape, bytes);
    }

    /** A new MXNet array on {@code cpu(device)}. */
    MxArray toMx(int device) {
        return MxArray.of(device, type, bytes, shape);
    }

    /** A new array, the caller's own, in c order. */
    INDArray toNd() {
        long[] extents = Arrays.stream(shape).asLongStream().toArray();
        INDArray array = Nd4j.createUninitialized(dataType(type), extents);
        array.data().pointer().asByteBuffer().put(bytes);
        return array;
    }

    /** Writes the elements into an array of the same type and shape. */
    void into(INDArray target) {
        target.assign(toNd());
    }

    /** What makes these elements others than the expected ones, to the bit: the first such element, or nothing. */
    String difference(Sample expected) {
        if (type != expected.type || !Arrays.equals(shape, expected.shape)) {
            return "given " + this + ", expected " + expected;
        }
        int at = Arrays.mismatch(bytes, expected.bytes);
        if (at < 0) {
            return "";
        }
        int element = at / type.bytes();
        return "element " + element + " of " + type + Arrays.toString(shape) + ": given " + get(element) + ", expected "
                + expected.get(element);
    }

    int size() {
        return bytes.length / type.bytes();
    }

    double[] doubles() {
        double[] values = new double[size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = get(i);
        }
        return values;
    }

    private double get(int i) {
        ByteBuffer buffer = buffer(bytes).position(i * type.bytes());
        return switch (type) {
            case FLOAT32 -> buffer.getFloat();
            case FLOAT64 -> buffer.getDouble();
            case FLOAT16 -> HalfIndexer.toFloat(buffer.getShort());
            case BFLOAT16 -> Float.intBitsToFloat(buffer.getShort() << 16);
            case UINT8 -> Byte.toUnsignedInt(buffer.get());
            case INT8 -> buffer.get();
            case INT32 -> buffer.getInt();
            case INT64 -> buffer.getLong();
        };
    }

    private static void put(ByteBuffer buffer, MxType type, double value) {
        switch (type) {
            case FLOAT32 -> buffer.putFloat((float) value);
            case FLOAT64 -> buffer.putDouble(value);
            case FLOAT16 -> buffer.putShort((short) HalfIndexer.fromFloat((float) value));
            case BFLOAT16 -> buffer.putShort((short) (Float.floatToRawIntBits((float) value) >>> 16));
            case UINT8, INT8 -> buffer.put((byte) (long) value);
            case INT32 -> buffer.putInt((int) (long) value);
            case INT64 -> buffer.putLong((long) value);
        }
    }

    private static ByteBuffer buffer(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    static boolean isInteger(MxType type) {
        return List.of(MxType.UINT8, MxType.INT8, MxType.INT32, MxType.INT64).contains(type);
    }

    private static int size(int[] shape) {
        return Arrays.stream(shape).reduce(1, Math::multiplyExact);
    }

    static DataType dataType(MxType type) {
        return switch (type) {
            case FLOAT32 -> DataType.FLOAT;
            case FLOAT64 -> DataType.DOUBLE;
            case FLOAT16 -> DataType.FLOAT16;
            case BFLOAT16 -> DataType.BFLOAT16;
            case UINT8 -> DataType.UINT8;
            case INT8 -> DataType.INT8;
            case INT32 -> DataType.INT32;
            case INT64 -> DataType.INT64;
        };
    }

    private static MxType typeOf(DataType type) {
        return Arrays.stream(MxType.values())
                .filter(each -> dataType(each) == type)
                .findFirst()
                .orElseThrow();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Sample that
                && type == that.type
                && Arrays.equals(shape, that.shape)
                && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        StringJoiner text = new StringJoiner(", ", type + Arrays.toString(shape) + " ", size() > SHOWN ? ", .." : "");
        for (int i = 0; i < Math.min(SHOWN, size()); i++) {
            text.add(String.valueOf(get(i)));
        }
        return text.toString();
    }
}
