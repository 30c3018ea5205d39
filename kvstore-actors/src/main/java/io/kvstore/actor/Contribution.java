package io.kvstore.actor;

import io.kvstore.tensor.Tensor;
import java.util.List;

/** One worker's push on its way into a round. */
final class Contribution<R> {
    final Origin origin;
    final boolean pull;
    /** Its place in the order of additions. */
    final int rank;
    /** Why it counts as empty, or null. */
    KeyReply.Refused refused;
    /** Where the outcome goes; a repeat puts its own in place. */
    R to;
    /** Read and released once it is in the sum; empty from then on. */
    List<Tensor> gradients;
    /** Bytes taken from the budget for what must wait for its turn. */
    long heldBytes;

    Contribution(Origin origin, int rank, boolean pull, R to, List<Tensor> gradients) {
        this.origin = origin;
        this.rank = rank;
        this.pull = pull;
        this.to = to;
        this.gradients = gradients;
    }

    void release() {
        gradients.forEach(Tensor::release);
        gradients = List.of();
    }

    long bytes() {
        long bytes = 0;
        for (Tensor gradient : gradients) {
            bytes += gradient.bytes();
        }
        return bytes;
    }
}
