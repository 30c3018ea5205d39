package io.kvstore.cluster.link;

import akka.actor.ExtendedActorSystem;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.javadsl.Adapter;
import akka.serialization.ByteBufferSerializer;
import akka.serialization.SerializerWithStringManifest;
import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyReply;
import java.nio.ByteBuffer;

/**
 * Puts {@link KeyCommand} and {@link KeyReply} into bytes when actors on different nodes send them to each other directly, as
 * with {@code kv.ref(key)}:
 *
 * <pre>
 *   C   u8 version | u8 kind | i64 id | replyTo or nothing | fields      (Commands)
 *   R   u8 version | u8 kind | i64 id | key | fields                     (Replies)
 * </pre>
 *
 * <p>Such messages go by Akka's ordinary stream, one frame each: a value beyond {@code maximum-frame-size} (256 KiB) does
 * not arrive, and Akka says so in the sender's log. Sessions have no such limit. Tensors that arrive are not pooled: a
 * hand-written program may never release them.
 */
public final class KeyMessageSerializer extends SerializerWithStringManifest implements ByteBufferSerializer {
    /** Never changes. */
    static final int ID = 5721;

    private static final String COMMAND = "C";
    private static final String REPLY = "R";

    private final ExtendedActorSystem system;

    /** Called by Akka. */
    public KeyMessageSerializer(ExtendedActorSystem system) {
        this.system = system;
    }

    @Override
    public int identifier() {
        return ID;
    }

    @Override
    public String manifest(Object message) {
        return message instanceof KeyCommand ? COMMAND : REPLY;
    }

    @Override
    public void toBinary(Object message, ByteBuffer into) {
        write(message, WireOut.into(into));
    }

    @Override
    public byte[] toBinary(Object message) {
        WireOut size = WireOut.counting();
        write(message, size);
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(size.bytes()));
        write(message, WireOut.into(bytes));
        return bytes.array();
    }

    private void write(Object message, WireOut out) {
        out.u8(LinkCodec.VERSION);
        if (message instanceof KeyCommand command) {
            var kind = Commands.KINDS.of(command);
            out.u8(kind.number()).i64(command.id());
            out.optional(command.replyTo(), (o, to) -> o.text(resolver().toSerializationFormat(to)));
            kind.write().accept(out, command);
        } else {
            KeyReply reply = (KeyReply) message;
            var kind = Replies.KINDS.of(reply);
            Fields.key(out.u8(kind.number()).i64(reply.id()), reply.key());
            kind.write().accept(out, reply);
        }
    }

    /** @throws WireException if the bytes are no message */
    @Override
    public Object fromBinary(byte[] bytes, String manifest) {
        return fromBinary(ByteBuffer.wrap(bytes), manifest);
    }

    /** @throws WireException if the bytes are no message */
    @Override
    public Object fromBinary(ByteBuffer bytes, String manifest) {
        WireIn in = WireIn.of(bytes);
        try {
            Object message = read(in, manifest);
            in.end();
            return message;
        } catch (IllegalArgumentException | ArithmeticException | KVStoreException e) {
            throw new WireException("a message that contradicts itself: " + e.getMessage(), e);
        }
    }

    private Object read(WireIn in, String manifest) {
        int version = in.u8();
        if (version != LinkCodec.VERSION) {
            throw new WireException(
                    "a message of version " + version + "; this node speaks version " + LinkCodec.VERSION);
        }
        int kind = in.u8();
        long id = in.i64();
        if (manifest.equals(REPLY)) {
            Key key = Fields.key(in);
            return Replies.KINDS.of(kind).read().read(in, key, id);
        }
        ActorRef<KeyReply> to = in.optional(i -> resolver().resolveActorRef(i.text()));
        return Commands.KINDS.of(kind).read().read(in, id, to);
    }

    private ActorRefResolver resolver() {
        return ActorRefResolver.get(Adapter.toTyped(system));
    }
}
