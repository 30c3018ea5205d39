package io.kvstore.actor;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import com.typesafe.config.ConfigFactory;
import io.kvstore.profile.Profile;
import java.time.InstantSource;

/** What tests of actors need: test kits whose waits are bounded, but long enough for a busy machine. */
final class TestKits {
    private TestKits() {}

    static ActorTestKit create() {
        return ActorTestKit.create(ConfigFactory.parseString(
                        "akka.actor.testkit.typed { single-expect-default = 20s, default-timeout = 20s }")
                .withFallback(ConfigFactory.load()));
    }

    /** The switch of a profiler that stays off. */
    static Profile unprofiled() {
        return new Profile("test", System::nanoTime, InstantSource.system());
    }
}
