package io.kvstore.actor;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import com.typesafe.config.ConfigFactory;

/** Actor test kits whose waits are bounded, but long enough for a busy machine. */
final class TestKits {
    private TestKits() {}

    static ActorTestKit create() {
        return ActorTestKit.create(ConfigFactory.parseString(
                        "akka.actor.testkit.typed { single-expect-default = 20s, default-timeout = 20s }")
                .withFallback(ConfigFactory.load()));
    }
}
