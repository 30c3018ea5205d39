package io.kvstore.cluster.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LinkConfigurationTest {
    private static Config with(String... lines) {
        return ConfigFactory.load(ConfigFactory.parseString(String.join("\n", lines)));
    }

    private static void require(Config config) {
        LinkConfiguration.require("mine", config);
    }

    private static org.assertj.core.api.AbstractThrowableAssert<?, ?> assertRefused(Config config) {
        return assertThatThrownBy(() -> require(config))
                .isInstanceOfSatisfying(
                        KVStoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID_CONFIGURATION));
    }

    @Test
    void theStoresOwnSystemsHaveAllThatIsNeeded() {
        assertThatCode(() -> require(Nodes.config())).doesNotThrowAnyException();
    }

    @Test
    void aPlainGuestIsToldEveryLineAtOnceAndThenHasAll() {
        assertRefused(with()).hasMessage("""
                        actor system 'mine' is not configured for a store over several machines; add to its configuration:
                          akka.actor.provider = cluster
                          akka.remote.artery.large-message-destinations += "/system/kvstore-endpoint\"""");
        assertThatCode(() -> require(with(
                        "akka.actor.provider = cluster",
                        "akka.remote.artery.large-message-destinations += \"/system/kvstore-endpoint\"")))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "akka.actor.allow-java-serialization = on | akka.actor.allow-java-serialization = off",
                "akka.actor.provider = remote | akka.actor.provider = cluster",
                "akka.remote.artery.enabled = off | akka.remote.artery.enabled = on",
                "akka.remote.artery.advanced.maximum-large-frame-size = 1 MiB"
                        + " | akka.remote.artery.advanced.maximum-large-frame-size = 1114112 B",
                "kvstore.slice-bytes = 4 MiB | akka.remote.artery.advanced.maximum-large-frame-size = 4259840 B",
                "akka.remote.artery.advanced.outbound-large-message-queue-size = 100"
                        + " | akka.remote.artery.advanced.outbound-large-message-queue-size = 256",
                "akka.actor.serialization-bindings.\"io.kvstore.actor.KeyCommand\" = jackson-cbor"
                        + " | akka.actor.serialization-bindings.\"io.kvstore.actor.KeyCommand\" = kvstore-key",
                "akka.actor.serializers.kvstore-link = other"
                        + " | akka.actor.serializers.kvstore-link = \"io.kvstore.cluster.link.LinkSerializer\""
            })
    void whatIsWrongIsNamedWithTheLineToWrite(String given, String line) {
        Config config = ConfigFactory.parseString(given).withFallback(Nodes.config());
        assertRefused(config).hasMessageEndingWith("add to its configuration:\n  " + line);
    }

    @Test
    void aSystemWithoutTheDefaultsIsTold() {
        assertRefused(ConfigFactory.parseMap(Map.of("akka.actor.provider", "cluster")))
                .hasMessageContaining("kvstore.slice-bytes")
                .hasMessageContaining("yours.withFallback(ConfigFactory.load())");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/system/kvstore-endpoint", "/system/kvstore*", "/system/*", "/system/**", "/**"})
    void patternsThatCoverTheEndpointDo(String pattern) {
        assertThat(LinkConfiguration.covers(pattern)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/user/kvstore-endpoint", "/system", "/*", "/system/kvstore-endpoint/*", "/user/**"})
    void patternsThatDoNotCoverTheEndpointDoNot(String pattern) {
        assertThat(LinkConfiguration.covers(pattern)).isFalse();
    }
}
