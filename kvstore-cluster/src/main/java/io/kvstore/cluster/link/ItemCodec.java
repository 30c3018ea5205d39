package io.kvstore.cluster.link;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.actor.Part;

/**
 * An {@link Item} in bytes:
 *
 * <pre>
 *   i32 length of what follows | u8 family | u8 kind | i64 call | i32 priority | store | part | body
 * </pre>
 *
 * <p>Families: 1 command, 2 reply, 3 locate, 4 located, 5 not here; kinds are those of {@link Commands} and {@link Replies}.
 * The length lets a reader go on after a body that it cannot read.
 */
final class ItemCodec {
    /** The least size of an item, in bytes. */
    static final int LEAST_BYTES = 32;

    private static final int COMMAND = 1;
    private static final int REPLY = 2;
    private static final int LOCATE = 3;
    private static final int LOCATED = 4;
    private static final int NOT_HERE = 5;

    private ItemCodec() {}

    /** Bytes of the item in a frame. @throws KVStoreException if it cannot travel */
    static long size(Item item) {
        WireOut out = WireOut.counting();
        write(out, item);
        return out.bytes();
    }

    static void write(WireOut out, Item item) {
        int length = out.reserve();
        long before = out.bytes();
        content(out, item);
        out.fill(length, out.bytes() - before);
    }

    private static void content(WireOut out, Item item) {
        Body body = item.body();
        if (body instanceof Body.Request request) {
            var kind = Commands.KINDS.of(request.command());
            head(out, COMMAND, kind.number(), item);
            kind.write().accept(out, request.command());
        } else if (body instanceof Body.Answer answer) {
            var kind = Replies.KINDS.of(answer.reply());
            head(out, REPLY, kind.number(), item);
            kind.write().accept(out, answer.reply());
        } else if (body instanceof Body.Located located) {
            head(out, LOCATED, 0, item);
            Fields.node(out, located.node());
        } else {
            head(out, body instanceof Body.Locate ? LOCATE : NOT_HERE, 0, item);
        }
    }

    private static void head(WireOut out, int family, int kind, Item item) {
        out.u8(family).u8(kind).i64(item.call()).i32(item.priority()).text(item.store());
        Fields.part(out, item.part());
    }

    /**
     * Reads an item. One whose body makes no sense comes as {@link Body.Unreadable}.
     *
     * @throws WireException if not even its head makes sense
     */
    static Item read(WireIn frame) {
        WireIn in = frame.piece(frame.i32());
        int family = in.u8();
        int kind = in.u8();
        long call = in.i64();
        int priority = in.i32();
        String store = in.text();
        Part part = part(in);
        return new Item(call, store, part, priority, body(frame, in, family, kind, part.key(), call));
    }

    private static Part part(WireIn in) {
        try {
            return Fields.part(in);
        } catch (KVStoreException e) {
            throw new WireException("a key that is none: " + e.getMessage(), e);
        }
    }

    private static Body body(WireIn frame, WireIn in, int family, int kind, Key key, long call) {
        try {
            Body body = body(in, family, kind, key, call);
            in.end();
            frame.adopt(in);
            return body;
        } catch (WireException | IllegalArgumentException | ArithmeticException | KVStoreException e) {
            in.release();
            return new Body.Unreadable(family == COMMAND || family == LOCATE, e.getMessage());
        }
    }

    private static Body body(WireIn in, int family, int kind, Key key, long call) {
        return switch (family) {
            case COMMAND -> new Body.Request(Commands.KINDS.of(kind).read().read(in, 0, null));
            case REPLY -> new Body.Answer(Replies.KINDS.of(kind).read().read(in, key, call));
            case LOCATE -> new Body.Locate();
            case LOCATED -> new Body.Located(Fields.node(in));
            case NOT_HERE -> new Body.NotHere();
            default -> throw new WireException("an item of unknown family " + family);
        };
    }
}
