package io.kvstore.robust;

import static io.kvstore.robust.Support.within;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.KVStore;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Arrays without elements are values like others. */
class EmptyArraysTest {
    private static KVStore open(String type) {
        return KVStore.builder().type(type).devices(2).build();
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void emptyArraysAreStoredPushedAndPulled(String type) {
        try (KVStore kv = open(type)) {
            for (INDArray empty : List.of(Nd4j.create(DataType.FLOAT, 0, 3), Nd4j.empty(DataType.FLOAT))) {
                kv.init("e", empty);
                kv.push("e", List.of(empty, empty));
                kv.pushPull("e", empty);
                INDArray pulled = kv.pull("e");
                // an array without extents has none to give back
                assertThat(pulled.shape()).isEqualTo(empty.rank() == 0 ? new long[] {0} : empty.shape());
                assertThat(pulled.length()).isZero();
                kv.pull("e", pulled);
                assertThat(kv.info("e").orElseThrow().version()).isEqualTo(2);
                kv.delete("e");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void anUpdaterMeetsEmptyArraysToo(String type) {
        try (KVStore kv = open(type)) {
            kv.init("e", Nd4j.create(DataType.FLOAT, 0, 3));
            kv.setUpdater(
                    (key, received, stored) -> assertThat(received.shape()).isEqualTo(stored.shape()));
            within(kv.async().push("e", Nd4j.create(DataType.FLOAT, 0, 3)));
            assertThat(kv.info("e").orElseThrow().version()).isEqualTo(1);
        }
    }
}
