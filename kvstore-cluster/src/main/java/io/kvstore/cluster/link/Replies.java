package io.kvstore.cluster.link;

import io.kvstore.Key;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.PartReply;
import io.kvstore.cluster.link.Kinds.Kind;
import java.util.List;
import java.util.function.BiConsumer;

/** How each {@link KeyReply} stands in bytes; its key and id are written by whoever sends it. */
final class Replies {

    /** Reads the fields of a reply of {@code key} to {@code id}. */
    interface Read {
        KeyReply read(WireIn in, Key key, long id);
    }

    static final Kinds<KeyReply, Read> KINDS = new Kinds<>(List.of(
            kind(
                    1,
                    KeyReply.Done.class,
                    (out, done) -> out.i64(done.version()),
                    (in, key, id) -> new KeyReply.Done(key, id, in.i64())),
            kind(
                    2,
                    KeyReply.Value.class,
                    (out, value) -> Tensors.tensor(out.i64(value.version()), value.value()),
                    (in, key, id) -> new KeyReply.Value(key, id, in.i64(), Tensors.dense(in))),
            kind(
                    3,
                    KeyReply.Refused.class,
                    (out, refused) -> {
                        Fields.reason(out, refused.reason());
                        out.text(refused.message());
                    },
                    (in, key, id) -> new KeyReply.Refused(key, id, Fields.reason(in), in.text())),
            kind(
                    4,
                    PartReply.Published.class,
                    (out, published) -> out.i64(published.generation()).i64(published.version()),
                    (in, key, id) -> new PartReply.Published(key, id, in.i64(), in.i64())),
            kind(
                    5,
                    PartReply.Give.class,
                    (out, give) -> out.i64(give.generation()).list(give.seats(), Fields::seat),
                    (in, key, id) -> new PartReply.Give(key, id, in.i64(), in.list(Fields.SEAT_BYTES, Fields::seat))),
            kind(
                    6,
                    PartReply.Attached.class,
                    (out, attached) -> out.i64(attached.openRound()),
                    (in, key, id) -> new PartReply.Attached(key, id, in.i64())),
            kind(
                    7,
                    PartReply.Described.class,
                    (out, described) -> {
                        Fields.layout(out, described.layout());
                        out.i64(described.generation()).i64(described.version());
                    },
                    (in, key, id) -> new PartReply.Described(key, id, Fields.layout(in), in.i64(), in.i64())),
            kind(
                    8,
                    PartReply.Held.class,
                    (out, held) -> out.text(held.waitingFor()),
                    (in, key, id) -> new PartReply.Held(key, id, in.text())),
            kind(9, PartReply.Unheld.class, (out, unheld) -> {}, (in, key, id) -> new PartReply.Unheld(key, id)),
            kind(
                    10,
                    KeyReply.Rows.class,
                    (out, rows) -> Tensors.tensor(out.i64(rows.version()), rows.rows()),
                    (in, key, id) -> new KeyReply.Rows(key, id, in.i64(), Tensors.rowSparse(in.unpooled()))),
            kind(
                    11,
                    KeyReply.States.class,
                    (out, states) -> {
                        Fields.config(out, states.config());
                        Fields.state(out, states.state());
                    },
                    (in, key, id) -> new KeyReply.States(key, id, Fields.config(in), Fields.state(in))),
            kind(12, PartReply.Gathered.class, Replies::gathered, Replies::gathered),
            kind(
                    13,
                    PartReply.Address.class,
                    (out, address) -> out.text(address.actor()),
                    (in, key, id) -> new PartReply.Address(key, id, in.text()))));

    private Replies() {}

    private static <K extends KeyReply> Kind<KeyReply, Read> kind(
            int number, Class<K> type, BiConsumer<WireOut, K> write, Read read) {
        return Kind.of(number, type, write, read);
    }

    private static void gathered(WireOut out, PartReply.Gathered gathered) {
        Fields.form(out, gathered.form());
        out.i64(gathered.version()).i64(gathered.updates()).i64(gathered.number());
        out.i32(gathered.state()).i32(gathered.from()).optional(gathered.piece(), Tensors::tensor);
        out.bool(gathered.isLast());
    }

    private static KeyReply gathered(WireIn in, Key key, long id) {
        return new PartReply.Gathered(
                key,
                id,
                Fields.form(in),
                in.i64(),
                in.i64(),
                in.i64(),
                in.i32(),
                in.i32(),
                in.optional(Tensors::dense),
                in.bool());
    }
}
