package io.kvstore.cluster.session;

import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.PartCommand;
import io.kvstore.actor.PartReply;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.Dense;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Tensor;
import java.util.List;

/** A network that loses, repeats, delays and so reorders what is sent; and what it does to tensors on their way. */
final class SimNet {
    private static final int USUAL_DELAY_MILLIS = 8;
    private static final int STRAY_DELAY_MILLIS = 15_000;

    private final Events events;
    private final Chance chance;
    private boolean calm;

    SimNet(Events events, Chance chance) {
        this.events = events;
        this.chance = chance;
    }

    /** From now on everything arrives, once and soon. */
    void calm() {
        calm = true;
    }

    /** Lets a message arrive, or not, or several times. */
    void send(Runnable arrival) {
        int copies = calm || !chance.percent(chance.loss()) ? 1 : 0;
        if (!calm && chance.percent(chance.loss())) {
            copies++;
        }
        for (int i = 0; i < copies; i++) {
            boolean stray = !calm && chance.percent(chance.stray());
            events.in(chance.millis(stray ? STRAY_DELAY_MILLIS : USUAL_DELAY_MILLIS), arrival);
        }
    }

    /** A command as it stands in a frame; what it held is given back. */
    static KeyCommand write(KeyCommand command) {
        KeyCommand written = read(command, new BufferPool(0));
        command.release();
        return written;
    }

    /** What a node reads of a command, with tensors of its own. */
    static KeyCommand read(KeyCommand command, BufferPool pool) {
        if (command instanceof KeyCommand.Push push) {
            return new KeyCommand.Push(copies(push.gradients(), pool), push.origin(), 0, null);
        } else if (command instanceof KeyCommand.PushPull push) {
            return new KeyCommand.PushPull(copies(push.gradients(), pool), push.origin(), 0, null);
        } else if (command instanceof PartCommand.Announce init && init.value() != null) {
            return new PartCommand.Announce(
                    init.layout(), copy(init.value(), pool), init.origin(), init.epoch(), 0, null);
        } else if (command instanceof PartCommand.Load load) {
            return new PartCommand.Load(
                    load.layout(), copy(load.value(), pool), load.generation(), load.seats(), 0, null);
        } else if (command instanceof PartCommand.Stage stage && stage.piece() != null) {
            return new PartCommand.Stage(
                    stage.origin(),
                    stage.load(),
                    stage.form(),
                    stage.updates(),
                    stage.state(),
                    stage.from(),
                    copy(stage.piece(), pool),
                    0,
                    null);
        }
        return command;
    }

    /** A reply as it stands in a frame; its lease is given back. */
    static KeyReply write(KeyReply reply) {
        KeyReply written = read(reply, new BufferPool(0));
        reply.release();
        return written;
    }

    /** What a worker reads of a reply, with a tensor of its own. */
    static KeyReply read(KeyReply reply, BufferPool pool) {
        if (reply instanceof KeyReply.Value value) {
            return new KeyReply.Value(value.key(), value.id(), value.version(), pool.copyOf(value.value()));
        } else if (reply instanceof PartReply.Gathered gathered && gathered.piece() != null) {
            return new PartReply.Gathered(
                    gathered.key(),
                    gathered.id(),
                    gathered.form(),
                    gathered.version(),
                    gathered.updates(),
                    gathered.number(),
                    gathered.state(),
                    gathered.from(),
                    pool.copyOf(gathered.piece()),
                    gathered.isLast());
        }
        return reply;
    }

    private static List<Tensor> copies(List<Tensor> tensors, BufferPool pool) {
        return tensors.stream().map(each -> copy(each, pool)).toList();
    }

    private static Tensor copy(Tensor tensor, BufferPool pool) {
        if (tensor instanceof RowSparseTensor rows) {
            DenseTensor elements = pool.copyOf(rows.rows());
            return RowSparseTensor.of(rows.shape(), rows.ids(), elements);
        }
        return pool.copyOf((Dense) tensor);
    }
}
