package io.kvstore.tensor;

import java.util.Random;

/** Seeded tensors of every type. */
final class Values {
    private Values() {}

    /** A tensor, taken from no pool, of values that are small enough for sums of a few to be finite. */
    static DenseTensor random(DType dtype, Random random, long... extents) {
        DenseTensor tensor = DenseTensor.zeros(dtype, Shape.of(extents));
        fill(tensor, random);
        return tensor;
    }

    static void fill(DenseTensor tensor, Random random) {
        Object data = tensor.data();
        for (int i = 0; i < tensor.length(); i++) {
            double value = random.nextGaussian() * Math.scalb(1, random.nextInt(8) - 4);
            switch (tensor.dtype()) {
                case FLOAT32 -> ((float[]) data)[i] = (float) value;
                case FLOAT64 -> ((double[]) data)[i] = value;
                case FLOAT16 -> ((short[]) data)[i] = Halves.floatToHalf((float) value);
                case BFLOAT16 -> ((short[]) data)[i] = Halves.floatToBfloat16((float) value);
                case INT8, UINT8 -> ((byte[]) data)[i] = (byte) random.nextInt();
                case INT32 -> ((int[]) data)[i] = random.nextInt();
                case INT64 -> ((long[]) data)[i] = random.nextLong();
            }
        }
    }

    /** Element {@code i} of each kind as it stands in memory, for exact comparison with plain arithmetic. */
    static long bits(DType dtype, Object data, int i) {
        return switch (dtype) {
            case FLOAT32 -> Float.floatToRawIntBits(((float[]) data)[i]);
            case FLOAT64 -> Double.doubleToRawLongBits(((double[]) data)[i]);
            case FLOAT16, BFLOAT16 -> ((short[]) data)[i];
            case INT8, UINT8 -> ((byte[]) data)[i];
            case INT32 -> ((int[]) data)[i];
            case INT64 -> ((long[]) data)[i];
        };
    }
}
