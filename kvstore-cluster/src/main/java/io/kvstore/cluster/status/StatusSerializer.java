package io.kvstore.cluster.status;

import akka.actor.ExtendedActorSystem;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.javadsl.Adapter;
import akka.serialization.SerializerWithStringManifest;
import io.kvstore.cluster.status.StatusMessage.Answer;
import io.kvstore.cluster.status.StatusMessage.Ask;
import io.kvstore.cluster.status.StatusMessage.Echo;
import io.kvstore.cluster.status.StatusMessage.Probe;
import java.io.NotSerializableException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Writes {@link StatusMessage}s: a version byte, then, where a reference belongs to the message, its length (4 bytes, little
 * endian) and its text, then the message's text or bytes to the end.
 */
public final class StatusSerializer extends SerializerWithStringManifest {
    static final int ID = 5740;
    static final byte VERSION = 1;

    private static final String ASK = "ask";
    private static final String ANSWER = "answer";
    private static final String PROBE = "probe";
    private static final String ECHO = "echo";
    private static final byte[] NOTHING = {};

    private final ExtendedActorSystem system;

    public StatusSerializer(ExtendedActorSystem system) {
        this.system = system;
    }

    @Override
    public int identifier() {
        return ID;
    }

    @Override
    public String manifest(Object message) {
        if (message instanceof Ask) {
            return ASK;
        }
        if (message instanceof Answer) {
            return ANSWER;
        }
        return message instanceof Probe ? PROBE : ECHO;
    }

    @Override
    public byte[] toBinary(Object message) {
        if (message instanceof Ask ask) {
            return write(reference(ask.replyTo()), NOTHING);
        }
        if (message instanceof Answer answer) {
            return write(null, answer.json().getBytes(StandardCharsets.UTF_8));
        }
        if (message instanceof Probe probe) {
            return write(reference(probe.replyTo()), probe.bytes());
        }
        if (message instanceof Echo echo) {
            return write(null, echo.bytes());
        }
        throw new IllegalArgumentException(
                "no status message: " + message.getClass().getName());
    }

    private static byte[] write(byte[] reference, byte[] rest) {
        int size = 1 + (reference == null ? 0 : Integer.BYTES + reference.length) + rest.length;
        ByteBuffer out =
                ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN).put(VERSION);
        if (reference != null) {
            out.putInt(reference.length).put(reference);
        }
        return out.put(rest).array();
    }

    @Override
    public Object fromBinary(byte[] bytes, String manifest) throws NotSerializableException {
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (!in.hasRemaining() || in.get() != VERSION) {
            throw new NotSerializableException("a status message of version " + VERSION + " expected");
        }
        return switch (manifest) {
            case ASK -> new Ask(readReference(in));
            case ANSWER -> new Answer(new String(rest(in), StandardCharsets.UTF_8));
            case PROBE -> {
                ActorRef<StatusMessage> replyTo = readReference(in);
                yield new Probe(rest(in), replyTo);
            }
            case ECHO -> new Echo(rest(in));
            default -> throw new NotSerializableException("unknown status message '" + manifest + "'");
        };
    }

    private static byte[] rest(ByteBuffer in) {
        byte[] rest = new byte[in.remaining()];
        in.get(rest);
        return rest;
    }

    private byte[] reference(ActorRef<StatusMessage> replyTo) {
        return resolver().toSerializationFormat(replyTo).getBytes(StandardCharsets.UTF_8);
    }

    private ActorRef<StatusMessage> readReference(ByteBuffer in) throws NotSerializableException {
        int length = in.remaining() < Integer.BYTES ? -1 : in.getInt();
        if (length < 0 || length > in.remaining()) {
            throw new NotSerializableException("a status message is cut short");
        }
        byte[] text = new byte[length];
        in.get(text);
        return resolver().resolveActorRef(new String(text, StandardCharsets.UTF_8));
    }

    private ActorRefResolver resolver() {
        return ActorRefResolver.get(Adapter.toTyped(system));
    }
}
