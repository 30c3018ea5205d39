package io.kvstore.cluster.session;

import io.kvstore.Key;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.Layout;
import io.kvstore.cluster.sharding.Placement;
import io.kvstore.tensor.BorrowedTensor;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.Dense;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Tensor;
import java.util.List;

/** Turns a command for a whole key, as the store's interface makes it, into work for the session's logic. */
final class Submission {
    private Submission() {}

    static SessionWork of(BufferPool pool, Placement placement, Key key, int priority, long call, KeyCommand command) {
        if (command instanceof KeyCommand.Init init) {
            Tensor value = owned(init.value(), pool);
            Layout layout = placement.layout(value.shape(), value.dtype(), value instanceof RowSparseTensor);
            return core -> core.init(call, key, layout, Payload.of(value));
        } else if (command instanceof KeyCommand.Push push) {
            Payload payload = payload(push.gradients());
            return core -> core.push(call, key, priority, payload, false);
        } else if (command instanceof KeyCommand.PushPull push) {
            Payload payload = payload(push.gradients());
            return core -> core.push(call, key, priority, payload, true);
        } else if (command instanceof KeyCommand.Pull) {
            return core -> core.pull(call, key, priority);
        } else if (command instanceof KeyCommand.PullRows rows) {
            return core -> core.pullRows(call, key, priority, rows.ids());
        } else if (command instanceof KeyCommand.Delete) {
            return core -> core.delete(call, key);
        } else {
            throw new IllegalArgumentException("a session does not send " + command);
        }
    }

    /** Bytes of the arrays that a push carries. */
    static long bytes(KeyCommand command) {
        List<Tensor> gradients = List.of();
        if (command instanceof KeyCommand.Push push) {
            gradients = push.gradients();
        } else if (command instanceof KeyCommand.PushPull push) {
            gradients = push.gradients();
        }
        return gradients.stream().mapToLong(Tensor::bytes).sum();
    }

    /** The caller's array is lent until the call ends, and may have to be sent again after that. */
    private static Tensor owned(Tensor value, BufferPool pool) {
        if (value instanceof DenseTensor || value instanceof RowSparseTensor) {
            return value;
        }
        try {
            return pool.copyOf((Dense) value);
        } finally {
            value.release();
        }
    }

    /** One tensor of the whole key, perhaps lent, or its packed slices. */
    private static Payload payload(List<Tensor> gradients) {
        if (gradients.get(0) instanceof BorrowedTensor lent) {
            return Payload.ofLent(lent);
        }
        return gradients.size() == 1 ? Payload.of(gradients.get(0)) : Payload.ofSlices(gradients);
    }
}
