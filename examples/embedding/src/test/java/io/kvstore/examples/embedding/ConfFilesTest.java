package io.kvstore.examples.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.kvstore.KVStore;
import io.kvstore.KVStoreSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.factory.Nd4j;

/** The files in {@code conf/} that a person starts from do what they say. */
class ConfFilesTest {
    private static Config parse(String name) {
        Path file = Path.of("..", "..", "conf", name);
        assertThat(file).exists();
        return ConfigFactory.parseFile(file.toFile());
    }

    private static List<String> paths(Config config) {
        return config.getConfig("kvstore").entrySet().stream()
                .map(entry -> "kvstore." + entry.getKey())
                .sorted()
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"local.conf", "guest.conf"})
    void everyNameIsASetting(String name) {
        assertThat(paths(ConfigFactory.defaultReference())).containsAll(paths(parse(name)));
    }

    @Test
    void localConfShowsTheDefaults() {
        Config defaults = ConfigFactory.defaultReference();
        Config local = ConfigFactory.load(parse("local.conf"));

        assertThat(KVStoreSettings.of(local)).isEqualTo(KVStoreSettings.of(defaults));
        for (String path : paths(parse("local.conf"))) {
            assertThat(local.getValue(path).unwrapped())
                    .as(path)
                    .isEqualTo(defaults.getValue(path).unwrapped());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void aStoreStartsFromLocalConf(String type) {
        Config config = ConfigFactory.load(parse("local.conf"));
        try (KVStore kv = KVStore.builder().type(type).config(config).build()) {
            assertWorks(kv);
        }
    }

    @Test
    void aGuestStartsFromGuestConfAndItsSystemGoesOn() throws Exception {
        Config config = ConfigFactory.load(parse("guest.conf"));
        ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "guest-conf", config);
        try {
            try (KVStore kv = KVStore.create("local", system)) {
                assertWorks(kv);
            }
            assertThat(KVStoreSettings.of(system.settings().config()).explainAfter())
                    .isEqualTo(Duration.ofSeconds(2));
            assertThat(system.getWhenTerminated().toCompletableFuture()).isNotDone();
        } finally {
            system.terminate();
            system.getWhenTerminated().toCompletableFuture().get(10, TimeUnit.SECONDS);
        }
    }

    private static void assertWorks(KVStore kv) {
        kv.init("w", Nd4j.zeros(3));
        kv.push("w", List.of(Nd4j.ones(3), Nd4j.ones(3)));
        assertThat(kv.pull("w").toFloatVector()).containsExactly(2, 2, 2);
    }
}
