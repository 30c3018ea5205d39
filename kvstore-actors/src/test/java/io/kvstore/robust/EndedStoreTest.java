package io.kvstore.robust;

import static io.kvstore.robust.Support.filled;
import static io.kvstore.robust.Support.refused;
import static io.kvstore.robust.Support.until;
import static io.kvstore.robust.Support.within;
import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.SpawnProtocol;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.kvstore.KVStore;
import io.kvstore.Reason;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A store whose actors were ended from outside is closed, not empty. */
class EndedStoreTest {
    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void aStoreWhoseSystemHasEndedRefusesAsClosed(String type) {
        Config config = ConfigFactory.load();
        ActorSystem<SpawnProtocol.Command> system = ActorSystem.create(
                SpawnProtocol.create(),
                "users",
                config.getConfig("kvstore.embedded").withFallback(config));
        KVStore kv = KVStore.create(type, system);
        kv.init("w", filled(1, 3));
        system.terminate();
        within(system.getWhenTerminated());
        until("the store has forgotten its keys", () -> kv.stats().keys() == 0);
        assertThat(refused(Reason.CLOSED, () -> kv.pull("w"))).hasMessageContaining("pull");
        refused(Reason.CLOSED, () -> kv.push("w", filled(1, 3)));
        refused(Reason.CLOSED, () -> kv.init("new", filled(1, 3)));
        refused(Reason.CLOSED, () -> kv.setUpdater(null));
        refused(Reason.CLOSED, kv::keys);
        refused(Reason.CLOSED, () -> kv.async().pull(List.of("w")));
        kv.close();
    }
}
