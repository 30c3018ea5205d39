package io.kvstore.examples.benchmarks.mxnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;

/** The binding answers as MXNet 1.9.1 does, in a JVM that uses ND4J as well. */
@Tag("thorough")
class MxLibraryTest {
    @BeforeEach
    void needsTheLibrary() {
        assumeTrue(MxLibrary.available(), MxLibrary::unavailableReason);
    }

    @Test
    void sumsWhatFourDevicesPushAndReplacesTheValue() {
        try (MxKVStore store = MxKVStore.create("local");
                MxArray two = ones(0, 2);
                MxArray out = ones(0, 0)) {
            store.init("weight", two);
            store.pull("weight", List.of(out));
            assertThat(out.toFloats()).containsOnly(2f);
            pushToFour(store, "weight", 1f);
            store.pull("weight", List.of(out));
            assertThat(out.toFloats()).containsOnly(4f);
            assertThat(store.type()).isEqualTo("local");
        }
    }

    @Test
    void givesTheUpdaterTheKeyAsItWasWritten() {
        for (Object key : List.of(3, "three")) {
            List<Object> seen = new ArrayList<>();
            try (MxKVStore store = MxKVStore.create("local");
                    MxArray two = ones(0, 2);
                    MxArray out = ones(0, 0)) {
                store.init(key, two);
                store.setUpdater((name, received, stored) -> {
                    seen.add(name);
                    stored.set(sum(stored.toFloats(), received.toFloats(), 2));
                });
                pushToFour(store, key, 1f);
                store.pull(key, List.of(out));
                assertThat(out.toFloats()).containsOnly(10f);
                assertThat(seen).containsExactly(key);
            }
        }
    }

    @Test
    void bringsTheUpdatersFailureOutOfThePush() {
        try (MxKVStore store = MxKVStore.create("local");
                MxArray value = ones(0, 1)) {
            store.init(3, value);
            store.setUpdater((key, received, stored) -> {
                throw new IllegalStateException("no rule for " + key);
            });
            assertThatThrownBy(() -> store.push(3, List.of(value)))
                    .isInstanceOf(MxException.class)
                    .hasMessageContaining("no rule for 3")
                    .hasCauseInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void pushesAndPullsManyKeysInOneCall() {
        List<String> keys = List.of("b", "a");
        try (MxKVStore store = MxKVStore.create("device");
                MxArray zero = ones(0, 0);
                MxArray one = ones(0, 1);
                MxArray five = ones(1, 5);
                MxArray first = ones(0, 0);
                MxArray second = ones(1, 0)) {
            keys.forEach(key -> store.init(key, zero));
            store.pushPull(
                    keys, List.of(List.of(one, one), List.of(five, five)), List.of(List.of(first), List.of(second)));
            assertThat(first.toFloats()).containsOnly(2f);
            assertThat(second.toFloats()).containsOnly(10f);
            assertThat(second.device()).isEqualTo(1);
        }
    }

    @Test
    void throwsMxnetsOwnMessage() {
        try (MxKVStore store = MxKVStore.create("local");
                MxArray value = ones(0, 1)) {
            store.init("weight", value);
            assertThatThrownBy(() -> store.init("weight", value))
                    .isInstanceOf(MxException.class)
                    .hasMessageContaining("duplicate init of key weight");
            assertThatThrownBy(() -> MxOps.invoke("no_such_operator", List.of(), Map.of()))
                    .isInstanceOf(MxException.class)
                    .hasMessageContaining("no_such_operator");
        }
    }

    @Test
    void updatesWithMomentum() {
        try (MxArray weight = MxArray.of(new float[] {1, 2});
                MxArray gradient = MxArray.of(new float[] {4, -8});
                MxArray momentum = MxArray.of(new float[] {1, 1})) {
            MxOps.invoke(
                    "sgd_mom_update",
                    List.of(weight, gradient, momentum),
                    List.of(weight),
                    Map.of("lr", 0.5, "momentum", 0.5, "wd", 0.25));
            assertThat(momentum.toFloats()).containsExactly(0.5f - 0.125f - 2, 0.5f - 0.25f + 4);
            assertThat(weight.toFloats()).containsExactly(1 - 1.625f, 2 + 4.25f);
        }
    }

    @Test
    void updatesWithAdam() {
        try (MxArray weight = MxArray.of(new double[] {1, 2});
                MxArray gradient = MxArray.of(new double[] {4, -8});
                MxArray mean = MxArray.zeros(0, MxType.FLOAT64, 2);
                MxArray variance = MxArray.zeros(0, MxType.FLOAT64, 2)) {
            MxOps.invoke(
                    "adam_update",
                    List.of(weight, gradient, mean, variance),
                    List.of(weight),
                    Map.of("lr", 0.5, "beta1", 0.5, "beta2", 0.75, "epsilon", 0));
            assertThat(mean.toDoubles()).containsExactly(2, -4);
            assertThat(variance.toDoubles()).containsExactly(4, 16);
            assertThat(weight.toDoubles()).containsExactly(0.5, 2.5);
        }
    }

    @Test
    void compressesToTwoBitsPerDeviceAndKeepsTheRest() {
        float[][] pushedAndExpected = {{0.4f, 0}, {0.2f, 4}, {0.2f, 4}, {0.2f, 8}};
        try (MxKVStore store = MxKVStore.create("device");
                MxArray out = ones(0, 0)) {
            store.setGradientCompression(Map.of("type", "2bit", "threshold", 0.5));
            store.init("weight", out);
            store.setUpdater((key, received, stored) -> stored.set(sum(stored.toFloats(), received.toFloats(), 2)));
            for (int i = 0; i < 10; i++) {
                pushToFour(store, "weight", 0);
            }
            for (float[] step : pushedAndExpected) {
                pushToFour(store, "weight", step[0]);
                store.pull("weight", List.of(out));
                assertThat(out.toFloats()).as("after %s", Arrays.toString(step)).containsOnly(step[1]);
            }
        }
    }

    @Test
    void pullsTheAskedRowsOnly() {
        float[] rows = {1, 2, 5, 6};
        try (MxKVStore store = MxKVStore.create("local");
                MxArray value = MxArray.rowSparse(0, new long[] {0, 2}, rows, 4, 2);
                MxArray out = MxArray.rowSparse(0, new long[] {0}, new float[2], 4, 2);
                MxArray ids = MxArray.of(new float[] {2, 1, 2})) {
            assertThat(value.rowIds()).containsExactly(0, 2);
            assertThat(value.rows()).containsExactly(rows);
            store.init("embedding", value);
            store.pullRows("embedding", out, ids);
            assertThat(out.isRowSparse()).isTrue();
            assertThat(out.toFloats()).containsExactly(0, 0, 0, 0, 5, 6, 0, 0);
        }
    }

    @Test
    void keepsTypeShapeAndBytes() {
        for (MxType type : MxType.values()) {
            byte[] bytes = new byte[6 * type.bytes()];
            IntStream.range(0, bytes.length).forEach(i -> bytes[i] = (byte) (i % 60));
            try (MxArray array = MxArray.of(1, type, bytes, 2, 3)) {
                assertThat(array.type()).isEqualTo(type);
                assertThat(array.shape()).containsExactly(2, 3);
                assertThat(array.device()).isEqualTo(1);
                assertThat(array.toBytes()).as("%s", type).containsExactly(bytes);
            }
        }
    }

    @Test
    void worksBesideNd4j() {
        assertThat(Nd4j.ones(200, 200).mmul(Nd4j.ones(200, 200)).getFloat(0)).isEqualTo(200f);
        float[] ones = new float[200 * 200];
        Arrays.fill(ones, 1);
        try (MxArray a = MxArray.of(ones, 200, 200);
                MxArray product = MxOps.invoke("dot", List.of(a, a), Map.of()).get(0)) {
            assertThat(product.toFloats()).containsOnly(200f);
        }
        assertThat(Nd4j.ones(200, 200).mmul(Nd4j.ones(200, 200)).getFloat(0)).isEqualTo(200f);
    }

    /** MXNet must leave the JVM's signal handlers alone: compiled code turns faults into exceptions with them. */
    @Test
    void leavesNullPointersToTheJvm() {
        int[] present = {1};
        int caught = 0;
        for (int i = 0; i < 200_000; i++) {
            try {
                caught += lengthOf(i < 199_000 ? present : null) - 1;
            } catch (NullPointerException e) {
                caught++;
            }
        }
        assertThat(caught).isEqualTo(1_000);
    }

    private static int lengthOf(int[] array) {
        return array.length;
    }

    private static MxArray ones(int device, float scale) {
        return MxArray.of(device, new float[] {scale, scale, scale, scale, scale, scale}, 2, 3);
    }

    private static void pushToFour(MxKVStore store, Object key, float scale) {
        try (MxArray a = ones(0, scale);
                MxArray b = ones(1, scale);
                MxArray c = ones(2, scale);
                MxArray d = ones(3, scale)) {
            store.push(key, List.of(a, b, c, d));
        }
    }

    private static float[] sum(float[] value, float[] added, float scale) {
        float[] sum = value.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += scale * added[i];
        }
        return sum;
    }
}
