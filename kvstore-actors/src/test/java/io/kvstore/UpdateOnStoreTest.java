package io.kvstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kvstore.tensor.DType;
import io.kvstore.tensor.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules for stores of any kind, those of other modules included; only a store's type and capability matter. */
class UpdateOnStoreTest {

    private static KVStore store(String type, boolean runsOptimizers) {
        return new KVStoreBase() {
            @Override
            public String type() {
                return type;
            }

            @Override
            public boolean isCapable(String capability) {
                return runsOptimizers;
            }
        };
    }

    @ParameterizedTest
    @CsvSource({
        "local, , true",
        "local, true, true",
        "local, false, false",
        "device, , true",
        "device, false, false",
        "dist_sync, , true",
        "dist_sync, true, true",
        "dist_sync, false, false",
        "dist_async, , true",
        "dist_async, true, true",
        "dist_async_device, , true"
    })
    void aStoreThatRunsOptimizersDoesSoUnlessToldOtherwise(String type, Boolean requested, boolean expected) {
        assertThat(UpdateOnStore.decide(requested, store(type, true))).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"dist_async", "dist_async_device"})
    void anAsynchronousStoreMustUpdate(String type) {
        KVStoreException refusal =
                catchThrowableOfType(KVStoreException.class, () -> UpdateOnStore.decide(false, store(type, true)));
        assertThat(refusal.reason()).isEqualTo(Reason.UNSUPPORTED);
        assertThat(refusal).hasMessageContaining("updateOnStore(false)").hasMessageContaining(type);
    }

    @Test
    void aStoreThatRunsNoOptimizerIsNotMadeTo() {
        assertThat(UpdateOnStore.decide(null, store("mine", false))).isFalse();
        assertThat(UpdateOnStore.decide(false, store("mine", false))).isFalse();
        KVStoreException refusal =
                catchThrowableOfType(KVStoreException.class, () -> UpdateOnStore.decide(true, store("mine", false)));
        assertThat(refusal.reason()).isEqualTo(Reason.UNSUPPORTED);
        assertThat(refusal).hasMessageContaining("updateOnStore(true)").hasMessageContaining("'mine'");
    }

    @ParameterizedTest
    @CsvSource({"local, 16777216, false", "local, 16777217, true", "device, 16777217, false"})
    void aParameterOfMoreThanSixteenMillionElementsIsTooLargeForLocal(String type, long elements, boolean expected) {
        TrainerParameter parameter = new TrainerParameter(0, Key.of("w"), Shape.of(elements), DType.FLOAT32, List.of());
        assertThat(UpdateOnStore.tooLarge(store(type, true), List.of(parameter)))
                .isEqualTo(expected);
    }
}
