package io.kvstore.cluster.sharding;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.kvstore.cluster.ClusterSettings;
import org.junit.jupiter.api.Test;

class GreetingTest {

    private static String greeting(String setting) {
        return Greeting.of(ClusterSettings.of(ConfigFactory.parseString(setting).withFallback(ConfigFactory.load())));
    }

    @Test
    void onlyWhatDiffersIsToldWithTheSettingsToChange() {
        assertThat(Greeting.difference(greeting(""), greeting("kvstore.slice-bytes = 64 KiB")))
                .startsWith("here slice-bytes=1048576, given slice-bytes=65536; ")
                .contains("kvstore.slice-bytes must be equal on all servers and workers");
    }

    @Test
    void aGreetingOfAnotherFormIsToldAsItIs() {
        assertThat(Greeting.difference("slice-bytes=1", "")).startsWith("here slice-bytes=1, given ;");
        assertThat(Greeting.difference("slice-bytes=1", "slice-bytes=1 p3")).startsWith("here nothing, given p3;");
    }
}
