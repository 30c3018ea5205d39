package io.kvstore.cluster.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Props;
import akka.actor.typed.javadsl.Adapter;
import akka.actor.typed.javadsl.Behaviors;
import akka.serialization.Serialization;
import akka.serialization.SerializationExtension;
import akka.serialization.Serializers;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyReply;
import java.io.NotSerializableException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Key messages between actors on different nodes. */
@Timeout(60)
class KeyMessageSerializerTest {
    private static final Nodes nodes = new Nodes();
    private static final ActorSystem<Void> here = nodes.start();
    private static final ActorSystem<Void> there = nodes.start();
    private static final Serialization serialization = SerializationExtension.get(Adapter.toClassic(here));

    private final TestProbe<KeyReply> probe = TestProbe.create(here);

    @AfterAll
    static void stop() {
        nodes.close();
    }

    static Stream<KeyCommand> commands() {
        return Samples.commands().stream();
    }

    static Stream<KeyReply> replies() {
        return Samples.replies(9).stream();
    }

    private static Object copy(Object message) throws NotSerializableException {
        byte[] bytes = serialization.serialize(message).get();
        int id = serialization.findSerializerFor(message).identifier();
        String manifest = Serializers.manifestFor(serialization.findSerializerFor(message), message);
        return serialization.deserialize(bytes, id, manifest).get();
    }

    /** Equal, seen through their bytes: records that hold arrays are equal to themselves only. */
    private static void same(Object actual, Object expected) {
        assertThat(actual).hasSameClassAs(expected);
        assertThat(serialization.serialize(actual).get())
                .isEqualTo(serialization.serialize(expected).get());
    }

    @Test
    void everyMessageIsBoundToThisSerializer() throws Exception {
        for (Class<?> type : Stream.of(KeyCommand.class, KeyReply.class)
                .flatMap(family -> LinkCodecTest.records(family).stream())
                .toList()) {
            assertThat(serialization.serializerFor(type)).as(type.getName()).isInstanceOf(KeyMessageSerializer.class);
        }
        for (Class<?> type : LinkMessage.class.getPermittedSubclasses()) {
            assertThat(serialization.serializerFor(type)).as(type.getName()).isInstanceOf(LinkSerializer.class);
        }
    }

    @Test
    void identifiersArePinned() {
        assertThat(LinkSerializer.ID).isEqualTo(5720);
        assertThat(KeyMessageSerializer.ID).isEqualTo(5721);
    }

    @Test
    void nothingElseIsSerializedByJava() {
        assertThat(here.settings().config().getBoolean("akka.actor.allow-java-serialization"))
                .isFalse();
        assertThat(serialization
                        .serialize(new java.util.ArrayList<>(List.of("anything")))
                        .isFailure())
                .isTrue();
    }

    @ParameterizedTest
    @MethodSource("commands")
    void commandsComeBackWithIdAndReplyTo(KeyCommand command) throws Exception {
        KeyCommand sent = command.answering(42, probe.ref());
        KeyCommand copy = (KeyCommand) copy(sent);
        assertThat(copy.id()).isEqualTo(42);
        assertThat(copy.replyTo()).isEqualTo(probe.ref());
        same(copy, sent);
    }

    @ParameterizedTest
    @MethodSource("replies")
    void repliesComeBackWithKeyAndId(KeyReply reply) throws Exception {
        KeyReply copy = (KeyReply) copy(reply);
        assertThat(copy.id()).isEqualTo(9);
        assertThat(copy.key()).isEqualTo(Samples.KEY);
        same(copy, reply);
    }

    @ParameterizedTest
    @MethodSource("commands")
    void bytesThatAreCutShortAreRefused(KeyCommand command) throws Exception {
        byte[] bytes =
                serialization.serialize(command.answering(42, probe.ref())).get();
        KeyMessageSerializer serializer = (KeyMessageSerializer) serialization.serializerFor(command.getClass());
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> serializer.fromBinary(cut, "C")).isInstanceOf(WireException.class);
        }
        bytes[0] = 9;
        assertThatThrownBy(() -> serializer.fromBinary(bytes, "C"))
                .isInstanceOf(WireException.class)
                .hasMessage("a message of version 9; this node speaks version 1");
    }

    @Test
    void aRemoteActorIsAskedAndAnswers() {
        ActorRef<KeyCommand> key = there.systemActorOf(
                Behaviors.receiveMessage(command -> {
                    command.replyTo().tell(new KeyReply.Value(Samples.KEY, command.id(), 1, Samples.DENSE));
                    return Behaviors.same();
                }),
                "key",
                Props.empty());
        String path = ActorRefResolver.get(there).toSerializationFormat(key);
        ActorRef<KeyCommand> remote = ActorRefResolver.get(here).resolveActorRef(path);
        remote.tell(new KeyCommand.Pull(5, probe.ref()));
        assertThat(probe.receiveMessage(java.time.Duration.ofSeconds(20)))
                .isEqualTo(new KeyReply.Value(Samples.KEY, 5, 1, Samples.DENSE));
    }
}
