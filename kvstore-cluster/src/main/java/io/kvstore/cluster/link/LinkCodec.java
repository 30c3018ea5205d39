package io.kvstore.cluster.link;

import io.kvstore.KVStoreException;
import io.kvstore.cluster.link.LinkMessage.Frame;
import io.kvstore.cluster.link.LinkMessage.Gone;
import io.kvstore.cluster.link.LinkMessage.Hello;
import io.kvstore.cluster.link.LinkMessage.Ping;
import io.kvstore.cluster.link.LinkMessage.Pong;
import io.kvstore.cluster.link.LinkMessage.Received;
import io.kvstore.cluster.link.LinkMessage.RoadOffered;
import io.kvstore.cluster.link.LinkMessage.RoadRefused;
import io.kvstore.cluster.link.LinkMessage.RoadTaken;
import io.kvstore.cluster.link.LinkMessage.RoadWanted;
import io.kvstore.cluster.link.LinkMessage.Unwelcome;
import io.kvstore.cluster.link.LinkMessage.Welcome;
import io.kvstore.tensor.BufferPool;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.Function;

/**
 * A {@link LinkMessage} in bytes, all numbers little-endian, texts UTF-8 after an i32 length:
 *
 * <pre>
 *   u8 version | u8 kind | i32 length of the whole | from | to | fields of the kind
 *
 *   frame      i64 number | i32 count | items (ItemCodec)
 * </pre>
 *
 * <p>Hello and Unwelcome never change, whatever the version, so that nodes of different versions can tell each other.
 */
public final class LinkCodec {
    /** The version of all that this package writes, and the only one that it reads. */
    public static final int VERSION = 1;

    private static final int NODE_BYTES = 20;

    private static final Kinds<LinkMessage, Read> KINDS = new Kinds<>(List.of(
            Kinds.Kind.of(1, Frame.class, LinkCodec::frame, LinkCodec::frame),
            Kinds.Kind.of(
                    2,
                    Received.class,
                    (out, m) -> out.i64s(m.numbers()),
                    (in, from, to, v) -> new Received(from, to, in.i64s())),
            Kinds.Kind.of(
                    3, Ping.class, (out, m) -> out.i64(m.number()), (in, from, to, v) -> new Ping(from, to, in.i64())),
            Kinds.Kind.of(
                    4, Pong.class, (out, m) -> out.i64(m.number()), (in, from, to, v) -> new Pong(from, to, in.i64())),
            Kinds.Kind.of(
                    5,
                    Gone.class,
                    (out, m) -> Fields.node(out, m.node()),
                    (in, from, to, v) -> new Gone(from, to, Fields.node(in))),
            Kinds.Kind.of(
                    6,
                    Hello.class,
                    (out, m) -> out.text(m.settings()),
                    (in, from, to, v) -> new Hello(from, to, v, in.text())),
            Kinds.Kind.of(
                    7,
                    Welcome.class,
                    (out, m) -> out.list(m.servers(), Fields::node),
                    (in, from, to, v) -> new Welcome(from, to, in.list(NODE_BYTES, Fields::node))),
            Kinds.Kind.of(8, Unwelcome.class, LinkCodec::unwelcome, LinkCodec::unwelcome),
            Kinds.Kind.of(
                    9,
                    RoadWanted.class,
                    (out, m) -> out.text(m.host()),
                    (in, from, to, v) -> new RoadWanted(from, to, in.text())),
            Kinds.Kind.of(10, RoadOffered.class, LinkCodec::roadOffered, LinkCodec::roadOffered),
            Kinds.Kind.of(
                    11,
                    RoadRefused.class,
                    (out, m) -> out.text(m.why()),
                    (in, from, to, v) -> new RoadRefused(from, to, in.text())),
            Kinds.Kind.of(
                    12,
                    RoadTaken.class,
                    (out, m) -> token(out, m.token()),
                    (in, from, to, v) -> new RoadTaken(from, to, token(in)))));

    private interface Read {
        LinkMessage read(WireIn in, NodeId from, NodeId to, int version);
    }

    private LinkCodec() {}

    /** The message's bytes. */
    public static int size(LinkMessage message) {
        WireOut out = WireOut.counting();
        write(message, out);
        return Math.toIntExact(out.bytes());
    }

    /** Bytes of a frame from one node to another, without its items. */
    static int frameHeader(NodeId from, NodeId to) {
        return size(new Frame(from, to, 0, List.of()));
    }

    /** Writes the message at the buffer's position. @throws BufferOverflowException if it does not fit */
    public static void write(LinkMessage message, ByteBuffer into) {
        write(message, into, null);
    }

    /** The same, but the elements that {@code apart} takes are written as their place there; the length is without them. */
    static void write(LinkMessage message, ByteBuffer into, ElementsOut apart) {
        ByteOrder order = into.order();
        try {
            write(message, WireOut.into(into, apart));
        } finally {
            into.order(order);
        }
    }

    private static void write(LinkMessage message, WireOut out) {
        Kinds.Kind<LinkMessage, Read> kind = KINDS.of(message);
        out.u8(message instanceof Hello hello ? hello.version() : VERSION).u8(kind.number());
        int length = out.reserve();
        Fields.node(out, message.from());
        Fields.node(out, message.to());
        kind.write().accept(out, message);
        out.fill(length, out.bytes());
    }

    /**
     * Reads a message from all that the buffer has left; its tensors are from {@code pool}.
     *
     * @throws WireException if it is none; then nothing stays taken from the pool
     */
    public static LinkMessage read(ByteBuffer buffer, BufferPool pool) {
        return read(buffer, pool, null);
    }

    /** The same of what was written with elements apart. */
    static LinkMessage read(ByteBuffer buffer, BufferPool pool, ElementsIn apart) {
        ByteOrder order = buffer.order();
        WireIn in = WireIn.of(buffer, pool, apart);
        try {
            LinkMessage message = read(in);
            in.end();
            return message;
        } catch (WireException e) {
            in.release();
            throw e;
        } finally {
            buffer.order(order);
        }
    }

    private static LinkMessage read(WireIn in) {
        int version = in.u8();
        int number = in.u8();
        int actual = in.remaining() + 2;
        int length = in.i32();
        if (length != actual) {
            throw new WireException("a message of " + actual + " bytes that claims to have " + length);
        }
        Kinds.Kind<LinkMessage, Read> kind = KINDS.of(number);
        if (version != VERSION && kind.type() != Hello.class && kind.type() != Unwelcome.class) {
            throw new WireException("a message of version " + version + "; this node speaks version " + VERSION);
        }
        NodeId from = Fields.node(in);
        NodeId to = Fields.node(in);
        return kind.read().read(in, from, to, version);
    }

    private static void frame(WireOut out, Frame frame) {
        int count = out.i64(frame.number()).reserve();
        Lease lease = frame.lease();
        if (lease != null && !lease.enter()) {
            out.fill(count, 0); // its sender has given it up
            return;
        }
        try {
            int written = 0;
            for (Item item : frame.items()) {
                written += writeUnlessWithdrawn(out, item) ? 1 : 0;
            }
            out.fill(count, written);
        } finally {
            if (lease != null) {
                lease.leave();
            }
        }
    }

    /** An item whose tensor was released or taken back is no longer wanted; the rest of the frame is. */
    private static boolean writeUnlessWithdrawn(WireOut out, Item item) {
        long before = out.bytes();
        try {
            ItemCodec.write(out, item);
            return true;
        } catch (IllegalStateException | KVStoreException withdrawn) {
            out.rewind(before);
            return false;
        }
    }

    private static LinkMessage frame(WireIn in, NodeId from, NodeId to, int version) {
        long number = in.i64();
        Function<WireIn, Item> item = ItemCodec::read;
        return new Frame(from, to, number, in.list(ItemCodec.LEAST_BYTES, item));
    }

    private static void unwelcome(WireOut out, Unwelcome message) {
        Fields.reason(out, message.reason());
        out.text(message.message());
    }

    private static LinkMessage unwelcome(WireIn in, NodeId from, NodeId to, int version) {
        return new Unwelcome(from, to, Fields.reason(in), in.text());
    }

    private static void roadOffered(WireOut out, RoadOffered message) {
        out.text(message.directory()).i32(message.stream());
        token(out, message.token());
    }

    private static LinkMessage roadOffered(WireIn in, NodeId from, NodeId to, int version) {
        return new RoadOffered(from, to, in.text(), in.i32(), token(in));
    }

    private static void token(WireOut out, Token token) {
        out.i64(token.high()).i64(token.low());
    }

    private static Token token(WireIn in) {
        return new Token(in.i64(), in.i64());
    }
}
