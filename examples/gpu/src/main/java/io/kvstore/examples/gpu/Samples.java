package io.kvstore.examples.gpu;

import io.kvstore.Key;
import io.kvstore.actor.OptimizerState;
import io.kvstore.tensor.Casts;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Kernels;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Shape;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** Keys and tensors of the cases; each call makes new tensors. */
final class Samples {
    /** As many as a store has devices at most, so that each device has one. */
    static final List<Key> KEYS = List.of(Key.of(3), Key.of(5), Key.of(7), Key.of(9));

    static final Key KEY = KEYS.get(0);
    static final Shape S44 = Shape.of(4, 4);
    static final Shape S23 = Shape.of(2, 3);
    static final Shape BIG = Shape.of(1200, 1200);

    private Samples() {}

    static DenseTensor filled(double value, Shape shape) {
        float[] values = new float[(int) shape.length()];
        Arrays.fill(values, (float) value);
        return DenseTensor.of(values, shape.toArray());
    }

    static DenseTensor ones(Shape shape) {
        return filled(1, shape);
    }

    /** The same tensor from every device; a store does not write into it. */
    static List<DenseTensor> fromEach(int devices, DenseTensor gradient) {
        return Collections.nCopies(devices, gradient);
    }

    /** A gradient that gives every row. */
    static RowSparseTensor everyRow(DenseTensor table) {
        long rows = table.shape().extent(0);
        return RowSparseTensor.gather(table, LongStream.range(0, rows).toArray());
    }

    static DenseTensor random(DType dtype, Shape shape, Random random, ToDoubleFunction<Random> each) {
        double[] values = new double[(int) shape.length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = each.applyAsDouble(random);
        }
        return Casts.cast(DenseTensor.of(values, shape.toArray()), dtype);
    }

    /** Small integers: no sum of them rounds in any type. */
    static DenseTensor integers(DType dtype, Shape shape, Random random) {
        return random(dtype, shape, random, r -> r.nextInt(9) - 4);
    }

    /** As {@link #integers}, not below zero where the type has no such numbers. */
    static List<DenseTensor> integers(int devices, DType dtype, Shape shape, Random random) {
        int lowest = dtype == DType.UINT8 ? 0 : -4;
        return Stream.generate(() -> random(dtype, shape, random, r -> lowest + r.nextInt(9)))
                .limit(devices)
                .toList();
    }

    static List<DenseTensor> reals(int devices, DType dtype, Shape shape, Random random) {
        return Stream.generate(() -> random(dtype, shape, random, r -> r.nextDouble() * 2 - 1))
                .limit(devices)
                .toList();
    }

    /** The same states, which nobody has to give back. */
    static OptimizerState copy(OptimizerState lease) {
        List<DenseTensor> states =
                lease.states().stream().map(DenseTensor::copy).toList();
        return new OptimizerState(lease.form(), lease.shape(), lease.dtype(), lease.updates(), states);
    }

    /** The host's sum, in the order of device stores. */
    static DenseTensor sum(List<DenseTensor> values) {
        DenseTensor first = values.get(0);
        DenseTensor sum = DenseTensor.zeros(first.dtype(), first.shape());
        Kernels.sum(values, sum, Kernels.DEVICE_GROUP);
        return sum;
    }
}
