package io.kvstore.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.compression.GradientCodec;
import io.kvstore.compression.GradientCompression;
import io.kvstore.tensor.Casts;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Kernels;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CopyKernelsTest {
    private static final int[] LENGTHS = {1, 3, 127, 128, 4097, 100_003};
    private static final DType[] FLOATING = {DType.FLOAT16, DType.BFLOAT16, DType.FLOAT32, DType.FLOAT64};

    private OnGpu.Machine machine = OnGpu.Machine.SIMULATED;

    @ParameterizedTest
    @EnumSource(names = {"FLOAT16", "BFLOAT16", "FLOAT32", "FLOAT64"})
    void castsHaveTheHostsBits(DType from) {
        for (DType to : FLOATING) {
            for (int length : LENGTHS) {
                if (from != to) {
                    assertCast(from, to, length, 0);
                }
            }
            if (from != to) {
                assertCast(from, to, 127, 8);
            }
        }
    }

    private void assertCast(DType from, DType to, int length, int offset) {
        DenseTensor values = Samples.awkward(from, new Random(length), length);
        try (OnGpu on = new OnGpu(machine, length)) {
            long source = on.put(values, offset);
            long into = on.allocate((long) length * to.bytes(), offset);
            on.kernels().cast(on.stream(), from, source, to, into, length);
            String what = length + " " + from + " to " + to;
            Samples.assertSame(on.get(to, values.shape(), into), Casts.cast(values, to), what);
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void rowsAreGatheredScatteredAndZeroed(DType dtype) {
        for (int rowLength : new int[] {1, 3, 16, 300}) {
            Random random = new Random(rowLength);
            DenseTensor table = Samples.awkward(dtype, random, 17, rowLength);
            long[] ids = {0, 3, 4, 16};
            DenseTensor rows = RowSparseTensor.gather(table, ids).rows();
            try (OnGpu on = new OnGpu(machine, rowLength)) {
                GpuKernels kernels = on.kernels();
                long there = on.put(table, 0);
                long idsThere = on.put(ids);
                long gathered = on.allocate((long) rows.length() * dtype.bytes(), 0);
                kernels.gatherRows(on.stream(), dtype, there, idsThere, ids.length, rowLength, gathered);
                Samples.assertSame(on.get(dtype, rows.shape(), gathered), rows, "gathered rows of " + rowLength);
                kernels.zeroRows(on.stream(), dtype, there, idsThere, ids.length, rowLength);
                DenseTensor zeroed = table.copy();
                for (long id : ids) {
                    zeroed.fillZero((int) id * rowLength, rowLength);
                }
                Samples.assertSame(on.get(dtype, table.shape(), there), zeroed, "zeroed rows of " + rowLength);
                kernels.scatterRows(on.stream(), dtype, gathered, idsThere, ids.length, rowLength, there);
                Samples.assertSame(on.get(dtype, table.shape(), there), table, "scattered rows of " + rowLength);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void codesResidualsAndDecodedValuesHaveTheHostsBits(int bits) {
        for (int length : LENGTHS) {
            assertCodec(bits, length, 0);
        }
        assertCodec(bits, 127, 4);
    }

    /** Three gradients after each other, the residual of one added to the next; then the last payload twice. */
    private void assertCodec(int bits, int length, int offset) {
        GradientCodec codec = (bits == 1 ? GradientCompression.oneBit(0.5) : GradientCompression.twoBit(0.5)).codec();
        Random random = new Random(length);
        DenseTensor left = DenseTensor.zeros(DType.FLOAT32, Shape.of(length));
        byte[] payload = new byte[0];
        String what = bits + " bits of " + length;
        try (OnGpu on = new OnGpu(machine, length)) {
            long leftThere = on.allocate(4L * length, offset);
            long payloadThere = on.allocate(codec.payloadBytes(length), 0);
            for (int push = 0; push < 3; push++) {
                DenseTensor gradient = Samples.awkward(DType.FLOAT32, random, length);
                DenseTensor sum = DenseTensor.zeros(DType.FLOAT32, Shape.of(length));
                Kernels.sum(List.of(gradient, left), sum);
                payload = codec.encoder(sum.floats()).encode(0, length);
                left = sum;
                long residual = push == 0 ? 0 : leftThere;
                on.kernels()
                        .encode(
                                on.stream(),
                                bits,
                                0.5f,
                                on.put(gradient, offset),
                                residual,
                                leftThere,
                                payloadThere,
                                length);
                assertThat(on.get(payloadThere, payload.length)).as(what).isEqualTo(payload);
                Samples.assertSame(on.get(DType.FLOAT32, left.shape(), leftThere), left, what);
            }
            assertDecoded(on, bits, codec, payload, payloadThere, length, offset);
        }
    }

    private void assertDecoded(
            OnGpu on, int bits, GradientCodec codec, byte[] payload, long payloadThere, int length, int offset) {
        DenseTensor once = DenseTensor.zeros(DType.FLOAT32, Shape.of(length));
        codec.decode(payload, 0, length, once.floats(), 0);
        DenseTensor twice = DenseTensor.zeros(DType.FLOAT32, Shape.of(length));
        Kernels.sum(List.of(once, once), twice);
        long values = on.allocate(4L * length, offset);
        on.kernels().decode(on.stream(), bits, 0.5f, payloadThere, values, length, false);
        Samples.assertSame(on.get(DType.FLOAT32, once.shape(), values), once, bits + " bits decoded");
        on.kernels().decode(on.stream(), bits, 0.5f, payloadThere, values, length, true);
        Samples.assertSame(on.get(DType.FLOAT32, once.shape(), values), twice, bits + " bits added");
    }

    @Test
    void valuesThatAreNotFiniteAreFound() {
        float[] wrong = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};
        for (int length : LENGTHS) {
            DenseTensor values = DenseTensor.zeros(DType.FLOAT32, Shape.of(length));
            Arrays.fill(values.floats(), -Float.MAX_VALUE);
            assertFound(values, 0);
            for (int element : new int[] {0, length / 2, length - 1}) {
                values.floats()[element] = wrong[element % wrong.length];
                assertFound(values, 1);
                values.floats()[element] = Float.MIN_VALUE;
            }
        }
    }

    private void assertFound(DenseTensor values, int expected) {
        try (OnGpu on = new OnGpu(machine, values.length())) {
            long found = on.put(new int[] {0});
            on.kernels().notFinite(on.stream(), on.put(values, 4), found, values.length());
            assertThat(on.get(found, 4)).as("of %d", values.length()).containsExactly(expected, 0, 0, 0);
        }
    }

    @Test
    void allOfItHoldsOnARealGpu() {
        machine = OnGpu.Machine.REAL;
        for (DType dtype : FLOATING) {
            castsHaveTheHostsBits(dtype);
            rowsAreGatheredScatteredAndZeroed(dtype);
        }
        codesResidualsAndDecodedValuesHaveTheHostsBits(1);
        codesResidualsAndDecodedValuesHaveTheHostsBits(2);
        valuesThatAreNotFiniteAreFound();
    }
}
