package io.kvstore.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import akka.cluster.ConfigValidation;
import akka.cluster.Invalid;
import akka.cluster.Valid;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.List;
import org.junit.jupiter.api.Test;
import scala.jdk.javaapi.CollectionConverters;

class JoinCheckTest {
    private final Config members = TestConfig.load("");

    @Test
    void nodeWithTheSameSettingsMayJoinHoweverTheyAreWritten() {
        assertThat(check("kvstore { slice-bytes = 1024 KiB, number-of-shards = \"256\" }"))
                .isEmpty();
    }

    @Test
    void nodeThatHasNothingToDoWithKeysMayJoin() {
        assertThat(new JoinCheck().check(ConfigFactory.empty(), members)).isEqualTo(Valid.getInstance());
    }

    @Test
    void eachDifferenceIsNamedWithBothValues() {
        assertThat(check("kvstore { slice-bytes = 2 MiB, number-of-shards = 512, protocol-version = 2 }"))
                .containsExactly(
                        "kvstore.slice-bytes is 2 MiB there and 1 MiB here; it must be equal on all nodes",
                        "kvstore.number-of-shards is 512 there and 256 here; it must be equal on all nodes",
                        "kvstore.protocol-version is 2 there and 1 here; it must be equal on all nodes");
    }

    @Test
    void akkaKnowsTheCheck() {
        assertThat(members.getString("akka.cluster.configuration-compatibility-check.checkers.kvstore"))
                .isEqualTo(JoinCheck.class.getName());
    }

    private List<String> check(String joining) {
        ConfigValidation result = new JoinCheck().check(TestConfig.load(joining), members);
        return result instanceof Invalid invalid ? CollectionConverters.asJava(invalid.errorMessages()) : List.of();
    }
}
