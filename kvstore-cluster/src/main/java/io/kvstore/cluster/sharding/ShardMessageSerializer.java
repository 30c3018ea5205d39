package io.kvstore.cluster.sharding;

import akka.actor.ExtendedActorSystem;
import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.javadsl.Adapter;
import akka.serialization.SerializerWithStringManifest;
import io.kvstore.cluster.link.NodeId;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.NotSerializableException;
import java.io.UncheckedIOException;
import java.util.Optional;

/**
 * The bytes of a {@link ShardMessage}: a version byte, then the entity's name and the address of who asks, the node where it
 * lives (a byte says whether there is one), or what one part of a key tells another; texts as {@link DataOutputStream#writeUTF} writes them.
 */
public final class ShardMessageSerializer extends SerializerWithStringManifest {
    private static final int ID = 1030;
    private static final int VERSION = 1;
    private static final String LOCATE = "L";
    private static final String LOCATED = "R";
    private static final String POST = "P";

    private final ActorRefResolver resolver;

    public ShardMessageSerializer(ExtendedActorSystem system) {
        this.resolver = ActorRefResolver.get(Adapter.toTyped(system));
    }

    @Override
    public int identifier() {
        return ID;
    }

    @Override
    public String manifest(Object message) {
        return message instanceof KeyEntity.Locate ? LOCATE : message instanceof KeyEntity.Post ? POST : LOCATED;
    }

    @Override
    public byte[] toBinary(Object message) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            if (message instanceof KeyEntity.Locate locate) {
                out.writeUTF(locate.entity().toString());
                out.writeUTF(resolver.toSerializationFormat(locate.replyTo()));
            } else if (message instanceof KeyEntity.Located located) {
                out.writeUTF(located.entity().toString());
                out.writeBoolean(located.node().isPresent());
                if (located.node().isPresent()) {
                    write(out, located.node().get());
                }
            } else if (message instanceof KeyEntity.Post post) {
                out.writeUTF(post.entity().toString());
                PartMailCodec.write(out, post.mail());
            } else {
                throw new IllegalArgumentException("not a message of shard regions: " + message);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // a name longer than 65535 bytes
        }
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream out, NodeId node) throws IOException {
        out.writeUTF(node.system());
        out.writeUTF(node.host());
        out.writeInt(node.port());
        out.writeLong(node.uid());
    }

    private static NodeId readNode(DataInputStream in) throws IOException {
        return new NodeId(in.readUTF(), in.readUTF(), in.readInt(), in.readLong());
    }

    @Override
    public Object fromBinary(byte[] bytes, String manifest) throws NotSerializableException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int version = in.readUnsignedByte();
            if (version != VERSION) {
                throw new NotSerializableException("version " + version + " of a shard message, expected " + VERSION);
            }
            EntityId entity = EntityId.parse(in.readUTF());
            return switch (manifest) {
                case LOCATE -> new KeyEntity.Locate(entity, resolver.resolveActorRef(in.readUTF()));
                case LOCATED ->
                    new KeyEntity.Located(entity, in.readBoolean() ? Optional.of(readNode(in)) : Optional.empty());
                case POST -> new KeyEntity.Post(entity, PartMailCodec.read(in));
                default -> throw new NotSerializableException("unknown shard message '" + manifest + "'");
            };
        } catch (NotSerializableException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw new NotSerializableException("unreadable shard message '" + manifest + "': " + e);
        }
    }
}
