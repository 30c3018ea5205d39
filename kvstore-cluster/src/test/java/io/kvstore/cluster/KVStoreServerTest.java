package io.kvstore.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import com.typesafe.config.Config;
import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class KVStoreServerTest {
    private static final String PORT = "akka.remote.artery.canonical { hostname = \"127.0.0.1\", port = 0 }\n";

    @Test
    void systemOfTheUsersOwnIsToldAllLinesThatItLacks() {
        with(
                "akka.actor.provider = local",
                system -> assertThatThrownBy(() -> start(system))
                        .isInstanceOf(KVStoreException.class)
                        .hasMessageContaining("'users-own'")
                        .hasMessageContaining("akka.actor.provider = cluster")
                        .hasMessageContaining(
                                "akka.cluster.downing-provider-class = \"akka.cluster.sbr.SplitBrainResolverProvider\"")
                        .extracting(e -> ((KVStoreException) e).reason())
                        .isEqualTo(Reason.INVALID_CONFIGURATION));
    }

    @Test
    void memberWithoutTheRoleIsNoServer() {
        String member = """
                akka.actor.provider = cluster
                akka.cluster.downing-provider-class = "akka.cluster.sbr.SplitBrainResolverProvider"
                """;
        with(
                PORT + member,
                system -> assertThatThrownBy(() -> start(system))
                        .hasMessageContaining("akka.cluster.roles += \"kvstore-server\"")
                        .hasMessageNotContaining("downing-provider-class"));
        with(
                PORT + member + """
                        akka.cluster.roles = [web, kvstore-server]
                        akka.remote.artery.large-message-destinations = ["/system/kvstore-endpoint"]
                        akka.remote.artery.advanced.maximum-large-frame-size = 2 MiB
                        """,
                system -> assertThat(start(system).address().system()).isEqualTo("users-own"));
    }

    private static KVStoreServer start(ActorSystem<?> system) {
        return KVStoreServer.start(system, ClusterSettings.of(system.settings().config()));
    }

    private static void with(String configuration, Consumer<ActorSystem<?>> test) {
        Config config = TestConfig.load(
                configuration + "\nakka.coordinated-shutdown.run-by-jvm-shutdown-hook = off\nakka.loglevel = WARNING");
        ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "users-own", config);
        try {
            test.accept(system);
        } finally {
            system.terminate();
            system.getWhenTerminated().toCompletableFuture().join();
        }
    }
}
