package io.kvstore.cluster;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigResolveOptions;
import java.util.Map;

/** Configurations for tests: what is given, over the defaults of all libraries, in an environment that is given too. */
public final class TestConfig {
    /** Many nodes in one JVM; what goes through memory has tests of its own. */
    private static final String ROAD = "kvstore.link.road = artery";

    private TestConfig() {}

    public static Config load(String text) {
        return load(Map.of(), text);
    }

    public static Config load(Map<String, String> environment, String text) {
        Config variables = ConfigFactory.parseMap(environment, "environment of the test");
        return ConfigFactory.parseString(text)
                .withFallback(variables)
                .withFallback(ConfigFactory.parseString(ROAD))
                .withFallback(ConfigFactory.defaultReferenceUnresolved())
                .resolve(ConfigResolveOptions.noSystem());
    }
}
