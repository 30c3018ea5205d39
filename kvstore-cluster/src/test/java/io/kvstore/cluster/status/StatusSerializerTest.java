package io.kvstore.cluster.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.actor.ExtendedActorSystem;
import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.javadsl.Adapter;
import akka.serialization.Serialization;
import akka.serialization.SerializationExtension;
import io.kvstore.cluster.TestConfig;
import io.kvstore.cluster.status.StatusMessage.Answer;
import io.kvstore.cluster.status.StatusMessage.Ask;
import io.kvstore.cluster.status.StatusMessage.Echo;
import io.kvstore.cluster.status.StatusMessage.Probe;
import java.io.NotSerializableException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class StatusSerializerTest {
    private static final ActorTestKit kit = ActorTestKit.create("status", TestConfig.load("akka.loglevel = WARNING"));

    private final TestProbe<StatusMessage> probe = kit.createTestProbe();
    private final StatusSerializer serializer =
            new StatusSerializer((ExtendedActorSystem) Adapter.toClassic(kit.system()));

    @AfterAll
    static void stop() {
        kit.shutdownTestKit();
    }

    private List<StatusMessage> one(byte[] bytes) {
        return List.of(
                new Ask(probe.ref()), new Answer("{\"größe\":1}"), new Probe(bytes, probe.ref()), new Echo(bytes));
    }

    @Test
    void everyMessageIsBoundAndReadsBack() throws NotSerializableException {
        Serialization bindings = SerializationExtension.get(kit.system());
        byte[] bytes = {1, 2, 3};
        assertThat(one(bytes)).extracting(Object::getClass).containsExactlyInAnyOrderElementsOf(permitted());
        for (StatusMessage message : one(bytes)) {
            assertThat(bindings.findSerializerFor(message)).isInstanceOf(StatusSerializer.class);
            Object back = serializer.fromBinary(serializer.toBinary(message), serializer.manifest(message));
            assertThat(back).usingRecursiveComparison().isEqualTo(message);
        }
    }

    private static List<Class<?>> permitted() {
        return Arrays.asList(StatusMessage.class.getPermittedSubclasses());
    }

    @Test
    void bytesAreThoseWrittenDown() {
        HexFormat hex = HexFormat.of();
        assertThat(hex.formatHex(serializer.toBinary(new Answer("{}")))).isEqualTo("017b7d");
        assertThat(hex.formatHex(serializer.toBinary(new Echo(new byte[] {5, 6}))))
                .isEqualTo("010506");
        byte[] probed = serializer.toBinary(new Probe(new byte[] {7}, probe.ref()));
        int reference = probed.length - 6;
        assertThat(hex.formatHex(probed, 0, 5)).isEqualTo("01" + hex.toHexDigits((byte) reference) + "000000");
        assertThat(probed[probed.length - 1]).isEqualTo((byte) 7);
        assertThat(serializer.identifier()).isEqualTo(5740);
    }

    @Test
    void whatIsNoMessageIsRefused() {
        byte[] ask = serializer.toBinary(new Ask(probe.ref()));
        for (int length = 0; length < 5; length++) {
            byte[] cut = Arrays.copyOf(ask, length);
            assertThatThrownBy(() -> serializer.fromBinary(cut, "ask"))
                    .as("cut after %d bytes", length)
                    .isInstanceOf(NotSerializableException.class);
        }
        byte[] tooLong = {1, -1, -1, -1, 127, 'x'};
        byte[] negative = {1, -1, -1, -1, -1, 'x'};
        byte[] later = {2, '{', '}'};
        assertThatThrownBy(() -> serializer.fromBinary(tooLong, "ask")).isInstanceOf(NotSerializableException.class);
        assertThatThrownBy(() -> serializer.fromBinary(negative, "probe")).isInstanceOf(NotSerializableException.class);
        assertThatThrownBy(() -> serializer.fromBinary(later, "answer"))
                .isInstanceOf(NotSerializableException.class)
                .hasMessageContaining("version");
        assertThatThrownBy(() -> serializer.fromBinary(ask, "gossip"))
                .isInstanceOf(NotSerializableException.class)
                .hasMessageContaining("gossip");
    }
}
