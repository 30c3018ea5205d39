package io.kvstore.cluster.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.actor.ExtendedActorSystem;
import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.typed.javadsl.Adapter;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.actor.Part;
import io.kvstore.actor.PartMail;
import io.kvstore.cluster.TestConfig;
import io.kvstore.cluster.link.NodeId;
import java.io.NotSerializableException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ShardMessageSerializerTest {
    private static final ActorTestKit testKit = ActorTestKit.create(TestConfig.load("akka.actor.provider = local"));
    private static final EntityId ENTITY = new EntityId("default", new Part(Key.of("weight"), 3));

    private final ShardMessageSerializer serializer =
            new ShardMessageSerializer((ExtendedActorSystem) Adapter.toClassic(testKit.system()));

    @AfterAll
    static void stop() {
        testKit.shutdownTestKit();
    }

    static Stream<PartMail> mails() {
        return Stream.of(
                new PartMail.SumsTaken(7, 1L << 40, 12, new double[] {0.1, -0.0, Double.NaN, Double.MAX_VALUE}),
                new PartMail.SumsWanted(5, 6),
                new PartMail.SumsCombined(5, 6, new double[] {1e-300}),
                new PartMail.SumsFailed(5, 6, Reason.OUT_OF_MEMORY, "kein Platz für Schlüssel"));
    }

    private PartMail through(PartMail mail) throws NotSerializableException {
        KeyEntity.Post post = new KeyEntity.Post(ENTITY, mail);
        KeyEntity.Post read =
                (KeyEntity.Post) serializer.fromBinary(serializer.toBinary(post), serializer.manifest(post));
        assertThat(read.entity()).isEqualTo(ENTITY);
        return read.mail();
    }

    @ParameterizedTest
    @MethodSource("mails")
    void whatPartsTellEachOtherComesAsItWent(PartMail mail) throws NotSerializableException {
        PartMail read = through(mail);
        assertThat(read).hasSameClassAs(mail);
        assertThat(read.generation()).isEqualTo(mail.generation());
        assertThat(read.version()).isEqualTo(mail.version());
        assertThat(serializer.toBinary(new KeyEntity.Post(ENTITY, read)))
                .isEqualTo(serializer.toBinary(new KeyEntity.Post(ENTITY, mail)));
        if (mail instanceof PartMail.SumsFailed failed) {
            assertThat(read).isEqualTo(failed);
        }
        if (mail instanceof PartMail.SumsCombined combined) {
            assertThat(((PartMail.SumsCombined) read).sums()).containsExactly(combined.sums());
        }
    }

    @Test
    void everyKindOfMailIsTested() {
        assertThat(mails().map(Object::getClass)).containsExactlyInAnyOrder(PartMail.class.getPermittedSubclasses());
    }

    @Test
    void aLongMessageIsCutAndNotRefused() throws NotSerializableException {
        String message = "x".repeat(100_000);
        PartMail read = through(new PartMail.SumsFailed(1, 2, Reason.INTERNAL, message));
        assertThat(((PartMail.SumsFailed) read).message()).startsWith("xxx").hasSizeLessThan(10_000);
    }

    @Test
    void locationsComeAsTheyWent() throws NotSerializableException {
        for (ShardMessage each : List.of(
                new KeyEntity.Locate(
                        ENTITY, testKit.<KeyEntity.Located>createTestProbe().ref()),
                new KeyEntity.Located(ENTITY, Optional.of(new NodeId("kvstore", "127.0.0.1", 25520, 42))),
                new KeyEntity.Located(ENTITY, Optional.empty()))) {
            assertThat(serializer.fromBinary(serializer.toBinary(each), serializer.manifest(each)))
                    .isEqualTo(each);
        }
    }

    @Test
    void theBytesOfSumsStayAsTheyAre() {
        KeyEntity.Post post =
                new KeyEntity.Post(ENTITY, new PartMail.SumsTaken(3, 0x0102030405060708L, 9, new double[] {1, -2}));
        assertThat(HexFormat.of().formatHex(serializer.toBinary(post)))
                .isEqualTo(
                        "01" // version
                                + "0011"
                                + HexFormat.of().formatHex("3:default:sweight".getBytes(StandardCharsets.US_ASCII))
                                + "01" // sums taken
                                + "0102030405060708"
                                + "0000000000000009"
                                + "00000003"
                                + "00000002"
                                + "3ff0000000000000"
                                + "c000000000000000");
    }

    @ParameterizedTest
    @MethodSource("mails")
    void aCutMessageIsRefused(PartMail mail) {
        byte[] whole = serializer.toBinary(new KeyEntity.Post(ENTITY, mail));
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> serializer.fromBinary(cut, "P"))
                    .as("%d of %d bytes", length, whole.length)
                    .isInstanceOf(NotSerializableException.class);
        }
    }

    @Test
    void anImpossibleNumberOfSumsIsRefusedBeforeThereIsRoomForThem() {
        byte[] bytes = serializer.toBinary(new KeyEntity.Post(ENTITY, new PartMail.SumsCombined(1, 2, new double[1])));
        bytes[bytes.length - 12] = 0x7f; // the highest byte of the number
        assertThatThrownBy(() -> serializer.fromBinary(bytes, "P"))
                .isInstanceOf(NotSerializableException.class)
                .hasMessageContaining("sums in 8 bytes");
    }
}
