package io.kvstore.cluster.link;

import akka.actor.typed.ActorRef;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.PartCommand;
import io.kvstore.cluster.link.Kinds.Kind;
import java.util.List;
import java.util.function.BiConsumer;

/** How each {@link KeyCommand} stands in bytes; its id and {@code replyTo} are written by whoever sends it. */
final class Commands {

    /** Reads the fields of a command that is to be answered with {@code id} at {@code to}. */
    interface Read {
        KeyCommand read(WireIn in, long id, ActorRef<KeyReply> to);
    }

    static final Kinds<KeyCommand, Read> KINDS = new Kinds<>(List.of(
            kind(
                    1,
                    KeyCommand.Init.class,
                    (out, init) -> Tensors.tensor(out, init.value()),
                    (in, id, to) -> new KeyCommand.Init(Tensors.tensor(in), id, to)),
            kind(
                    2,
                    KeyCommand.Push.class,
                    (out, push) -> Fields.origin(out.list(push.gradients(), Tensors::tensor), push.origin()),
                    (in, id, to) -> new KeyCommand.Push(
                            in.list(Tensors.LEAST_BYTES, Tensors::tensor), Fields.origin(in), id, to)),
            kind(
                    3,
                    KeyCommand.Pull.class,
                    (out, pull) -> Fields.reading(out, pull.reading()),
                    (in, id, to) -> new KeyCommand.Pull(Fields.reading(in), id, to)),
            kind(
                    4,
                    KeyCommand.PushPull.class,
                    (out, push) -> Fields.origin(out.list(push.gradients(), Tensors::tensor), push.origin()),
                    (in, id, to) -> new KeyCommand.PushPull(
                            in.list(Tensors.LEAST_BYTES, Tensors::tensor), Fields.origin(in), id, to)),
            kind(
                    5,
                    KeyCommand.Configure.class,
                    (out, configure) -> Fields.config(out, configure.config()),
                    (in, id, to) -> new KeyCommand.Configure(Fields.config(in), id, to)),
            kind(6, KeyCommand.Delete.class, (out, delete) -> {}, (in, id, to) -> new KeyCommand.Delete(id, to)),
            kind(7, PartCommand.Announce.class, Commands::announce, Commands::announce),
            kind(8, PartCommand.Load.class, Commands::load, Commands::load),
            kind(
                    9,
                    PartCommand.Publish.class,
                    (out, publish) -> out.i64(publish.generation()),
                    (in, id, to) -> new PartCommand.Publish(in.i64(), id, to)),
            kind(
                    10,
                    PartCommand.Attach.class,
                    (out, attach) -> Fields.origin(out, attach.origin()),
                    (in, id, to) -> new PartCommand.Attach(Fields.origin(in), id, to)),
            kind(
                    11,
                    PartCommand.Join.class,
                    (out, join) -> Fields.origin(out.i64(join.firstRound()), join.origin()),
                    Commands::join),
            kind(
                    12,
                    PartCommand.Describe.class,
                    (out, describe) -> {},
                    (in, id, to) -> new PartCommand.Describe(id, to)),
            kind(
                    13,
                    PartCommand.Probe.class,
                    (out, probe) -> Fields.origin(out.bool(probe.pull()), probe.origin()),
                    Commands::probe),
            kind(
                    14,
                    PartCommand.Forget.class,
                    (out, forget) -> out.i64(forget.generation()),
                    (in, id, to) -> new PartCommand.Forget(in.i64(), id, to)),
            kind(
                    15,
                    KeyCommand.PullRows.class,
                    (out, pull) -> Fields.reading(out.i64s(pull.ids()), pull.reading()),
                    (in, id, to) -> new KeyCommand.PullRows(in.i64s(), Fields.reading(in), id, to)),
            kind(16, KeyCommand.Snapshot.class, (out, snapshot) -> {}, (in, id, to) -> new KeyCommand.Snapshot(id, to)),
            kind(
                    17,
                    KeyCommand.Restore.class,
                    (out, restore) -> Fields.state(out, restore.state()),
                    (in, id, to) -> new KeyCommand.Restore(Fields.state(in), id, to)),
            kind(
                    18,
                    PartCommand.ProbeRead.class,
                    (out, probe) -> Fields.reading(out, probe.reading()),
                    (in, id, to) -> new PartCommand.ProbeRead(Fields.reading(in), id, to)),
            kind(
                    19,
                    PartCommand.Gather.class,
                    (out, gather) -> Fields.reading(out.bool(gather.made()).i32(gather.pieceBytes()), gather.reading()),
                    Commands::gather),
            kind(20, PartCommand.Stage.class, Commands::stage, Commands::stage),
            kind(
                    21,
                    PartCommand.EndLoad.class,
                    (out, end) -> Fields.origin(out.i64(end.load()).bool(end.adopt()), end.origin()),
                    Commands::endLoad),
            kind(
                    22,
                    PartCommand.AskAddress.class,
                    (out, ask) -> {},
                    (in, id, to) -> new PartCommand.AskAddress(id, to))));

    private Commands() {}

    private static <K extends KeyCommand> Kind<KeyCommand, Read> kind(
            int number, Class<K> type, BiConsumer<WireOut, K> write, Read read) {
        return Kind.of(number, type, write, read);
    }

    private static void announce(WireOut out, PartCommand.Announce announce) {
        Fields.layout(out, announce.layout());
        out.optional(announce.value(), Tensors::tensor);
        Fields.origin(out, announce.origin());
        out.i64(announce.epoch());
    }

    private static KeyCommand announce(WireIn in, long id, ActorRef<KeyReply> to) {
        return new PartCommand.Announce(
                Fields.layout(in), in.optional(Tensors::tensor), Fields.origin(in), in.i64(), id, to);
    }

    private static void load(WireOut out, PartCommand.Load load) {
        Fields.layout(out, load.layout());
        Tensors.tensor(out, load.value());
        out.i64(load.generation()).list(load.seats(), Fields::seat);
    }

    private static KeyCommand load(WireIn in, long id, ActorRef<KeyReply> to) {
        return new PartCommand.Load(
                Fields.layout(in), Tensors.tensor(in), in.i64(), in.list(Fields.SEAT_BYTES, Fields::seat), id, to);
    }

    private static KeyCommand join(WireIn in, long id, ActorRef<KeyReply> to) {
        long firstRound = in.i64();
        return new PartCommand.Join(Fields.origin(in), firstRound, id, to);
    }

    private static KeyCommand probe(WireIn in, long id, ActorRef<KeyReply> to) {
        boolean pull = in.bool();
        return new PartCommand.Probe(Fields.origin(in), pull, id, to);
    }

    private static KeyCommand gather(WireIn in, long id, ActorRef<KeyReply> to) {
        boolean made = in.bool();
        int pieceBytes = in.i32();
        return new PartCommand.Gather(Fields.reading(in), made, pieceBytes, id, to);
    }

    private static void stage(WireOut out, PartCommand.Stage stage) {
        Fields.origin(out, stage.origin());
        Fields.form(out.i64(stage.load()), stage.form());
        out.i64(stage.updates()).i32(stage.state()).i32(stage.from()).optional(stage.piece(), Tensors::tensor);
    }

    private static KeyCommand stage(WireIn in, long id, ActorRef<KeyReply> to) {
        return new PartCommand.Stage(
                Fields.origin(in),
                in.i64(),
                Fields.form(in),
                in.i64(),
                in.i32(),
                in.i32(),
                in.optional(Tensors::tensor),
                id,
                to);
    }

    private static KeyCommand endLoad(WireIn in, long id, ActorRef<KeyReply> to) {
        long load = in.i64();
        boolean adopt = in.bool();
        return new PartCommand.EndLoad(Fields.origin(in), load, adopt, id, to);
    }
}
