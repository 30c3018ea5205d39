package io.kvstore.robust;

import static io.kvstore.robust.Support.assertAll;
import static io.kvstore.robust.Support.filled;
import static io.kvstore.robust.Support.refused;
import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.kvstore.KVStore;
import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.optimizer.Optimizer;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Types, settings and optimizers that cannot be: refused before anything is started or changed. */
class SettingsErrorsTest {

    @Test
    void anUnknownTypeIsRefusedAndTheKnownAreListed() {
        assertThat(refused(Reason.UNKNOWN_TYPE, () -> KVStore.create("Locl")))
                .hasMessageContainingAll("unknown store type 'locl'", "local", "device", "local_allreduce_cpu");
    }

    @Test
    void anEmptyTypeIsRefused() {
        assertThat(refused(Reason.UNKNOWN_TYPE, () -> KVStore.create("")))
                .hasMessageContaining("unknown store type ''");
    }

    @Test
    void aNullTypeIsRefused() {
        assertThat(refused(Reason.UNKNOWN_TYPE, () -> KVStore.create(null)))
                .hasMessage("the type of a store must not be null");
    }

    @ParameterizedTest
    @CsvSource({
        "devices, 0, at least 1",
        "devices, -3, at least 1",
        "in-flight-bytes, 0, at least 1024",
        "inline-capture-bytes, -1, -1",
        "pool-bytes, -1, -1",
        "key-queue-limit, 0, at least 1",
        "explain-after, 0 s, longer than nothing",
        "patience, 0 s, longer than nothing",
        "close-timeout, -1 s, longer than nothing",
        "devices, many, devices",
        "patience, soon, patience"
    })
    void aSettingOutOfRangeIsRefusedByName(String setting, String value, String expected) {
        assertThat(refused(
                        Reason.INVALID_CONFIGURATION,
                        () -> KVStore.builder()
                                .type("device")
                                .set(setting, value)
                                .build()))
                .hasMessageContainingAll("kvstore", setting, expected);
    }

    @Test
    void aMisspeltSettingIsRefusedByName() {
        assertThat(refused(
                        Reason.INVALID_CONFIGURATION,
                        () -> KVStore.builder().set("in-flight-byte", "1 MiB").build()))
                .hasMessageStartingWith("there is no setting kvstore.in-flight-byte;");
    }

    @Test
    void aSettingOfTheGivenConfigurationAloneIsKnown() {
        Config own = ConfigFactory.parseString("kvstore.of-a-provider = 1").withFallback(ConfigFactory.load());
        assertThat(KVStore.builder()
                        .config(own)
                        .set("of-a-provider", 2)
                        .config()
                        .getInt("kvstore.of-a-provider"))
                .isEqualTo(2);
    }

    @Test
    void settersRefuseWhatTheirSettingsRefuse() {
        assertThat(refused(
                        Reason.INVALID_CONFIGURATION,
                        () -> KVStore.builder().devices(0).build()))
                .hasMessage("kvstore.devices must be at least 1, given 0");
        assertThat(refused(
                        Reason.INVALID_CONFIGURATION,
                        () -> KVStore.builder().patience(Duration.ofSeconds(-1)).build()))
                .hasMessageContaining("kvstore.patience must be longer than nothing, given");
    }

    @Test
    void aConfigurationWithoutDefaultsIsRefusedWithTheRemedy() {
        assertThat(refused(
                        Reason.INVALID_CONFIGURATION,
                        () -> KVStore.builder().config(ConfigFactory.empty()).build()))
                .hasMessageContainingAll("kvstore", "ConfigFactory.load()");
    }

    @Test
    void anUnknownOptimizerSettingIsRefusedByName() {
        assertThat(refused(Reason.INVALID_ARGUMENT, () -> Optimizer.of("sgd", Map.of("momentun", 0.9))))
                .hasMessageContainingAll("sgd", "momentun", "momentum");
        assertThat(refused(Reason.INVALID_ARGUMENT, () -> Optimizer.of("sgdd", Map.of())))
                .hasMessageContainingAll("sgdd", "sgd");
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void anAdjustmentThatIsRefusedLeavesTheOptimizerAsItWas(String type) {
        try (KVStore kv = KVStore.builder().type(type).devices(2).build()) {
            kv.init("w", filled(2, 2, 3));
            kv.setOptimizer(Optimizer.sgd().learningRate(0.5).build());
            KVStoreException unknown =
                    refused(Reason.INVALID_ARGUMENT, () -> kv.adjustOptimizer(o -> o.set("momentun", 1)));
            assertThat(unknown).hasMessageContainingAll("sgd", "momentun");
            refused(Reason.INVALID_ARGUMENT, () -> kv.setLearningRate(-1));
            refused(Reason.INVALID_ARGUMENT, () -> kv.adjustOptimizer(o -> null));
            kv.push("w", filled(1, 2, 3));
            assertAll(kv, "w", 1.5);
        }
    }
}
