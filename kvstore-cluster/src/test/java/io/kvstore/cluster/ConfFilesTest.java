package io.kvstore.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The files in {@code conf/} that servers and workers start from say what the defaults are. */
class ConfFilesTest {
    private static final Config DEFAULTS = TestConfig.load("");

    private static Config parse(String name) {
        Path file = Path.of("..", "conf", name);
        assertThat(file).exists();
        return ConfigFactory.parseFile(file.toFile());
    }

    private static List<String> paths(Config config, String section) {
        return config.getConfig(section).entrySet().stream()
                .map(entry -> section + "." + entry.getKey())
                .sorted()
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"server.conf", "worker.conf"})
    void fileShowsTheDefaults(String name) {
        Config file = parse(name);

        assertThat(ClusterSettings.of(file.withFallback(DEFAULTS))).isEqualTo(ClusterSettings.of(DEFAULTS));
        for (String path : paths(file, "kvstore")) {
            assertThat(DEFAULTS.hasPath(path)).as(path + " is a setting").isTrue();
            assertThat(file.getValue(path).unwrapped())
                    .as(path)
                    .isEqualTo(DEFAULTS.getValue(path).unwrapped());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"server", "worker"})
    void fileHasEverySettingOfItsOwnSection(String section) {
        List<String> own = paths(DEFAULTS, "kvstore." + section).stream()
                .filter(path -> !path.contains(".embedded."))
                .toList();

        assertThat(paths(parse(section + ".conf"), "kvstore")).containsAll(own);
    }
}
