package io.kvstore.robust;

import static io.kvstore.robust.Support.filled;
import static io.kvstore.robust.Support.within;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.KVStore;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Arrays in every layout go in and come out by their logical value, and the store never shares memory with them. */
class ArraysTest {
    private static final long SEED = 20;

    private static KVStore open(String type) {
        return KVStore.builder().type(type).devices(2).build();
    }

    /** Random values, the same each time. */
    private static INDArray random(long... shape) {
        Random random = new Random(SEED);
        float[] values = new float[(int) java.util.Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextInt(2000) / 8f;
        }
        return Nd4j.createFromArray(values).reshape(shape);
    }

    /** Arrays of shape (3, 4) in many layouts, each with memory of its own. */
    private static Map<String, INDArray> layouts() {
        Map<String, INDArray> layouts = new LinkedHashMap<>();
        layouts.put("c order", random(3, 4));
        layouts.put("f order", random(3, 4).dup('f'));
        layouts.put("transposed", random(4, 3).transpose());
        layouts.put("transposed f order", random(4, 3).dup('f').transpose());
        layouts.put("rows of a larger one", random(9, 4).get(NDArrayIndex.interval(2, 5), NDArrayIndex.all()));
        layouts.put("columns of a larger one", random(3, 9).get(NDArrayIndex.all(), NDArrayIndex.interval(3, 7)));
        layouts.put(
                "every second row and column",
                random(6, 8).get(NDArrayIndex.interval(0, 2, 6), NDArrayIndex.interval(0, 2, 8)));
        layouts.put(
                "inner block of f order",
                random(7, 9).dup('f').get(NDArrayIndex.interval(3, 6), NDArrayIndex.interval(4, 8)));
        layouts.put("slice of a cube", random(5, 3, 4).slice(3));
        layouts.put("middle slice of a cube", random(3, 5, 4).slice(2, 1));
        layouts.put(
                "permuted cube",
                random(4, 2, 3).permute(2, 0, 1).get(NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.point(1)));
        layouts.put(
                "reshaped f-order view of a vector",
                random(20).get(NDArrayIndex.interval(5, 17)).reshape('f', 3, 4));
        return layouts;
    }

    private static INDArray broadcast() {
        return Nd4j.create(random(4).data(), new long[] {3, 4}, new long[] {0, 1}, 0, 'c');
    }

    static Stream<Arguments> inputs() {
        return perType(() -> {
            Map<String, INDArray> all = layouts();
            all.put("broadcast", broadcast());
            return all;
        });
    }

    static Stream<Arguments> outputs() {
        return perType(ArraysTest::layouts);
    }

    private static Stream<Arguments> perType(Supplier<Map<String, INDArray>> arrays) {
        return Stream.of("local", "device")
                .flatMap(type -> arrays.get().entrySet().stream()
                        .map(each -> Arguments.of(type, each.getKey(), each.getValue())));
    }

    /** The logical value, element by element, by ND4J's own indexing. */
    private static float[] elements(INDArray array) {
        float[] values = new float[12];
        for (int i = 0; i < 12; i++) {
            values[i] = array.getFloat(i / 4, i % 4);
        }
        return values;
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("inputs")
    void everyLayoutGoesInByItsLogicalValue(String type, String name, INDArray array) {
        assertThat(array.shape()).containsExactly(3, 4);
        DenseTensor expected = DenseTensor.of(elements(array), 3, 4);
        try (KVStore kv = open(type)) {
            kv.init("init", array);
            kv.init(List.of("push", "sum", "async"), List.of(filled(0, 3, 4), filled(0, 3, 4), filled(0, 3, 4)));
            kv.push("push", array);
            within(kv.async().push("async", array));
            kv.push("sum", List.of(array, filled(1, 3, 4), array));
            assertThat(Tensor.copyOf(kv.pull("init"))).as(name).isEqualTo(expected);
            assertThat(Tensor.copyOf(kv.pull("push"))).as(name).isEqualTo(expected);
            assertThat(Tensor.copyOf(kv.pull("async"))).as(name).isEqualTo(expected);
            assertThat(elements(kv.pull("sum"))).isEqualTo(elements(array.mul(2).addi(1)));
        }
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("outputs")
    void everyLayoutIsFilledByItsLogicalIndexAndNothingBeside(String type, String name, INDArray out) {
        DenseTensor expected = DenseTensor.of(elements(random(3, 4)), 3, 4);
        try (KVStore kv = open(type)) {
            kv.init("w", random(3, 4));
            INDArray base = Nd4j.create(out.data(), new long[] {out.data().length()}, new long[] {1}, 0, 'c');
            out.assign(-1);
            kv.pull("w", out);
            assertThat(Tensor.copyOf(out)).as(name).isEqualTo(expected);
            assertThat(elements(out)).as(name).isEqualTo(expected.floats());
            INDArray around = base.dup();
            out.assign(-1);
            within(kv.async().pull("w", out));
            assertThat(base).as("%s and what lies around it", name).isEqualTo(around);
        }
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("outputs")
    void everyLayoutIsPushedAndFilledInPlace(String type, String name, INDArray array) {
        try (KVStore kv = open(type)) {
            kv.init("w", filled(1, 3, 4));
            kv.setUpdater((key, received, stored) -> stored.addi(received));
            float[] expected = elements(array.add(1));
            kv.pushPull("w", array);
            assertThat(elements(array)).as(name).isEqualTo(expected);
            assertThat(elements(kv.pull("w"))).as(name).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void scalarsAreStoredPushedAndPulled(String type) {
        try (KVStore kv = open(type)) {
            kv.init("s", Nd4j.scalar(2f));
            kv.setUpdater((key, received, stored) -> stored.addi(received));
            kv.push("s", List.of(Nd4j.scalar(3f), Nd4j.scalar(4f)));
            INDArray pulled = kv.pull("s");
            assertThat(pulled.rank()).isZero();
            assertThat(pulled.getFloat(0)).isEqualTo(9f);
            INDArray out = Nd4j.scalar(0d);
            kv.pull("s", out);
            assertThat(out.getDouble(0)).isEqualTo(9d);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void outputsOfAnotherTypeAreCastTo(String type) {
        try (KVStore kv = open(type)) {
            kv.init("f", Nd4j.createFromArray(1.5f, -2.25f, 1e30f));
            kv.init("d", Nd4j.createFromArray(1.5d, -2.25d, 0.1d));
            INDArray doubles = Nd4j.create(DataType.DOUBLE, 3);
            kv.pull("f", doubles);
            assertThat(doubles.toDoubleVector()).containsExactly(1.5, -2.25, 1e30f);
            INDArray floats = Nd4j.create(DataType.FLOAT, 3);
            kv.pull("d", floats);
            assertThat(floats.toFloatVector()).containsExactly(1.5f, -2.25f, 0.1f);
            INDArray strided = Nd4j.create(DataType.FLOAT, 3, 2);
            kv.pull("d", strided.getColumn(1));
            assertThat(strided.ravel().toFloatVector()).containsExactly(0, 1.5f, 0, -2.25f, 0, 0.1f);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void whatTheCallerDoesToItsArraysLaterNeverReachesTheStore(String type) {
        for (long size : new long[] {6, 50_000}) { // captured by the caller, and lent to the key
            try (KVStore kv = open(type)) {
                INDArray value = filled(1, size);
                kv.init("w", value);
                value.assign(77);
                assertThat(kv.pull("w")).isEqualTo(filled(1, size));
                INDArray gradient = filled(2, size);
                for (int i = 0; i < 50; i++) {
                    gradient.assign(2);
                    kv.push("w", gradient);
                    gradient.assign(88);
                    assertThat(kv.pull("w")).as("round %s", i).isEqualTo(filled(2, size));
                }
                INDArray pulled = kv.pull("w");
                pulled.assign(99);
                INDArray again = kv.pull("w");
                assertThat(again).isEqualTo(filled(2, size));
                kv.push("w", filled(3, size));
                kv.flush();
                assertThat(again).as("pulled before the push").isEqualTo(filled(2, size));
                again.close();
                assertThat(kv.pull("w")).isEqualTo(filled(3, size));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void anOutputGivenTwiceIsFilled(String type) {
        try (KVStore kv = open(type)) {
            kv.init(List.of("a", "b"), List.of(filled(1, 3), filled(2, 3)));
            INDArray out = filled(0, 3);
            kv.pull("a", List.of(out, out));
            assertThat(out).isEqualTo(filled(1, 3));
            kv.pull(List.of("b", "b"), List.of(out, out));
            assertThat(out).isEqualTo(filled(2, 3));
            List<INDArray> twice = kv.pull(List.of("a", "a"));
            twice.get(0).assign(9);
            assertThat(twice.get(1)).isEqualTo(filled(1, 3));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void aKeyGivenTwiceHasAllItsArraysSummed(String type) {
        try (KVStore kv = open(type)) {
            kv.init(List.of("a", "b"), List.of(filled(0, 3), filled(0, 3)));
            INDArray one = filled(1, 3);
            kv.push(List.of("a", "b", "a"), List.of(List.of(one, one), one, one));
            assertThat(kv.pull("a")).isEqualTo(filled(3, 3));
            assertThat(kv.pull("b")).isEqualTo(filled(1, 3));
            assertThat(kv.info("a").orElseThrow().version()).isEqualTo(1);
        }
    }
}
