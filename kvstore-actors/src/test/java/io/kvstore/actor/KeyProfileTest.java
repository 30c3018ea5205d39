package io.kvstore.actor;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import com.typesafe.config.ConfigFactory;
import io.kvstore.KVStoreSettings;
import io.kvstore.Key;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.profile.Profile;
import io.kvstore.profile.Traces;
import io.kvstore.tensor.DenseTensor;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.nd4j.shade.jackson.databind.JsonNode;

/** A key's requests in the profiler's trace, by a clock that goes on by 1 µs whenever somebody looks at it. */
class KeyProfileTest {
    private static final ActorTestKit testKit = TestKits.create();
    private static final Key KEY = Key.of("w");

    private final AtomicLong clock = new AtomicLong();
    private final Profile profile = new Profile("kvstore local", () -> clock.getAndAdd(1000), InstantSource.system());
    private final TestProbe<KeyReply> client = testKit.createTestProbe();
    private final StoreContext store = new StoreContext("local", KVStoreSettings.of(ConfigFactory.load()), profile);
    private final ActorRef<KeyCommand> key = testKit.spawn(KeyActor.create(Part.head(KEY), store));

    @AfterAll
    static void stop() {
        testKit.shutdownTestKit();
    }

    @Test
    void eachRequestIsOneEventAndEachPushHasItsCommitInside() {
        profile.configure(100);
        profile.run(true);
        Optimizer momentum = Optimizer.sgd().momentum(0.5).build();
        send(new KeyCommand.Pull(client.ref()));
        send(new KeyCommand.Init(of(1, 2), client.ref()));
        send(new KeyCommand.Push(List.of(of(1, 2), of(3, 4)), Origin.none(), 0, client.ref()));
        send(new KeyCommand.Push(of(1, 2, 3), client.ref()));
        send(new KeyCommand.Configure(new KeyConfig(1, momentum, null), 0, client.ref()));
        send(new KeyCommand.PushPull(of(1, 2), client.ref()));
        send(new KeyCommand.Pull(client.ref()));
        send(new KeyCommand.Snapshot(0, client.ref()));
        send(new KeyCommand.Delete(0, client.ref()));
        assertThat(Traces.events(Traces.of(profile)))
                .extracting(KeyProfileTest::text)
                .containsExactly(
                        "pull at 1 for 1: bytes 0, refused NOT_INITIALIZED",
                        "init at 3 for 1: bytes 8, version 0",
                        "push at 5 for 3: bytes 16, version 1",
                        "commit at 6 for 1: bytes 16, version 1, device host",
                        "push at 9 for 1: bytes 12, refused SHAPE_MISMATCH",
                        "configure at 11 for 1: bytes 0, version 1",
                        "pushPull at 13 for 3: bytes 8, version 2",
                        "commit at 14 for 1: bytes 8, version 2, device host",
                        "pull at 17 for 1: bytes 8, version 2",
                        "snapshot at 19 for 1: bytes 8",
                        "delete at 21 for 1: bytes 0, version 2");
    }

    @Test
    void aProfilerThatIsOffLooksAtNoClock() {
        send(new KeyCommand.Init(of(1, 2), client.ref()));
        send(new KeyCommand.Push(of(1, 2), client.ref()));
        assertThat(clock).hasValue(0);
        profile.configure(100);
        profile.run(true);
        profile.pause(true);
        send(new KeyCommand.Push(of(1, 2), client.ref()));
        assertThat(clock).as("the beginning of the recording alone").hasValue(1000);
        assertThat(Traces.events(Traces.of(profile))).isEmpty();
    }

    @Test
    void aCommandThatLacksItsTensorsIsRefusedAndRecorded() {
        profile.configure(100);
        profile.run(true);
        send(new KeyCommand.Init(of(1, 2), client.ref()));
        for (KeyCommand bad : List.of(
                new KeyCommand.Push(null, Origin.none(), 0, client.ref()),
                new KeyCommand.PushPull(Collections.singletonList(null), Origin.none(), 0, client.ref()),
                new KeyCommand.Restore(null, 0, client.ref()))) {
            key.tell(bad);
            assertThat(client.expectMessageClass(KeyReply.Refused.class).reason())
                    .as(bad.toString())
                    .isNotNull();
        }
        assertThat(Traces.events(Traces.of(profile))).hasSize(4);
        send(new KeyCommand.Pull(client.ref()));
    }

    private static String text(JsonNode event) {
        StringBuilder text = new StringBuilder(event.get("name").textValue() + " at "
                + event.get("ts").intValue() + " for " + event.get("dur").intValue() + ":");
        event.get("args").fields().forEachRemaining(field -> {
            if (!field.getKey().equals("key")) {
                text.append(text.charAt(text.length() - 1) == ':' ? " " : ", ")
                        .append(field.getKey())
                        .append(' ')
                        .append(field.getValue().asText());
            }
        });
        return text.toString();
    }

    private void send(KeyCommand command) {
        key.tell(command);
        client.receiveMessage();
    }

    private static DenseTensor of(float... values) {
        return DenseTensor.of(values);
    }
}
