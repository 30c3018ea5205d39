package io.kvstore.cluster.link;

import akka.actor.ExtendedActorSystem;
import akka.actor.typed.javadsl.Adapter;
import akka.serialization.ByteBufferSerializer;
import akka.serialization.SerializerWithStringManifest;
import io.kvstore.tensor.BufferPool;
import java.nio.ByteBuffer;

/** Akka's access to {@link LinkCodec}. The manifest says nothing that the bytes do not. */
public final class LinkSerializer extends SerializerWithStringManifest implements ByteBufferSerializer {
    /** Never changes. */
    static final int ID = 5720;

    private static final String MANIFEST = "L";

    private final ExtendedActorSystem system;
    private volatile BufferPool pool;

    /** Called by Akka. */
    public LinkSerializer(ExtendedActorSystem system) {
        this.system = system;
    }

    @Override
    public int identifier() {
        return ID;
    }

    @Override
    public String manifest(Object message) {
        return MANIFEST;
    }

    @Override
    public void toBinary(Object message, ByteBuffer into) {
        LinkCodec.write((LinkMessage) message, into);
    }

    @Override
    public byte[] toBinary(Object message) {
        ByteBuffer bytes = ByteBuffer.allocate(LinkCodec.size((LinkMessage) message));
        LinkCodec.write((LinkMessage) message, bytes);
        return bytes.array();
    }

    /** @throws WireException if the bytes are no message */
    @Override
    public Object fromBinary(ByteBuffer bytes, String manifest) {
        return LinkCodec.read(bytes, pool());
    }

    /** @throws WireException if the bytes are no message */
    @Override
    public Object fromBinary(byte[] bytes, String manifest) {
        return LinkCodec.read(ByteBuffer.wrap(bytes), pool());
    }

    private BufferPool pool() {
        if (pool == null) { // not in the constructor: the endpoint itself needs serializers
            pool = Endpoints.get(Adapter.toTyped(system)).pool();
        }
        return pool;
    }
}
