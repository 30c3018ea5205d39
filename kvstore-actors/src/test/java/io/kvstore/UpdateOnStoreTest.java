package io.kvstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kvstore.tensor.DType;
import io.kvstore.tensor.Shape;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
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
        assertThat(dense(requested).in(store(type, true), true)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"dist_async", "dist_async_device"})
    void anAsynchronousStoreMustUpdate(String type) {
        KVStoreException refusal =
                catchThrowableOfType(KVStoreException.class, () -> dense(false).in(store(type, true), true));
        assertThat(refusal.reason()).isEqualTo(Reason.UNSUPPORTED);
        assertThat(refusal).hasMessageContaining("updateOnStore(false)").hasMessageContaining(type);
    }

    @Test
    void aStoreThatRunsNoOptimizerIsNotMadeTo() {
        assertThat(dense(null).in(store("mine", false), true)).isFalse();
        assertThat(dense(false).in(store("mine", false), true)).isFalse();
        KVStoreException refusal =
                catchThrowableOfType(KVStoreException.class, () -> dense(true).in(store("mine", false), true));
        assertThat(refusal.reason()).isEqualTo(Reason.UNSUPPORTED);
        assertThat(refusal).hasMessageContaining("updateOnStore(true)").hasMessageContaining("'mine'");
    }

    @ParameterizedTest
    @CsvSource({
        "local, , false",
        "local, true, true",
        "local, false, false",
        "device, , false",
        "device, true, true",
        "dist_sync, , true",
        "dist_sync, true, true",
        "dist_async, , true"
    })
    void rowSparseGradientsOfDenseWeightsAreAppliedHereInOneProcessAndThereInMany(
            String type, Boolean requested, boolean expected) {
        assertThat(new UpdateOnStore(requested, false, true, false).in(store(type, true), true))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device", "dist_sync", "dist_async"})
    void rowSparseWeightsAreUpdatedInTheStoreAlone(String type) {
        assertThat(new UpdateOnStore(null, true, true, true).in(store(type, true), true))
                .isTrue();
        assertThat(refused(() -> new UpdateOnStore(false, true, true, false).in(store(type, true), true)))
                .hasMessageContaining("row-sparse weights");
    }

    @Test
    void rowSparseGradientsOfManyWorkersAreSummedInTheStoreAlone() {
        assertThat(refused(() -> new UpdateOnStore(false, false, true, false).in(store("dist_sync", true), true)))
                .hasMessageContaining("updateOnStore(false)")
                .hasMessageContaining("row-sparse gradients and a distributed store");
    }

    @Test
    void aStoreThatRunsNoOptimizerTakesNoRowSparseParameters() {
        for (boolean weights : new boolean[] {true, false}) {
            assertThat(refused(() -> new UpdateOnStore(null, weights, true, false).in(store("mine", false), true)))
                    .hasMessageContaining("row-sparse parameters with a store of type 'mine'");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "local, 16777216, true, true",
        "local, 16777217, true, false",
        "local, 16777217, false, true",
        "device, 16777217, true, true"
    })
    void aLocalStoreThatWasNamedDoesNotUpdateParametersOfMoreThanSixteenMillionElements(
            String type, long elements, boolean named, boolean expected) {
        TrainerParameter parameter =
                new TrainerParameter(0, Key.of("w"), Shape.of(elements), DType.FLOAT32, 2, false, List.of(), null);
        assertThat(UpdateOnStore.of(null, List.of(parameter)).in(store(type, true), named))
                .isEqualTo(expected);
        assertThat(UpdateOnStore.of(true, List.of(parameter)).in(store(type, true), named))
                .isTrue();
    }

    private static UpdateOnStore dense(Boolean requested) {
        return new UpdateOnStore(requested, false, false, false);
    }

    private static KVStoreException refused(ThrowingCallable call) {
        KVStoreException refusal = catchThrowableOfType(KVStoreException.class, call);
        assertThat(refusal).isNotNull();
        assertThat(refusal.reason()).isEqualTo(Reason.UNSUPPORTED);
        return refusal;
    }
}
