package io.kvstore.actor;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What has come for one round of one part, without Akka; not thread-safe.
 *
 * <p>Contributions are added up in the order of ranks, so that equal inputs give equal bits: one whose turn it is goes
 * straight into the sum, an early one is held, within a budget, until it is. Or they are added in the order of arrival, and
 * only those to a round that is not open yet are held. Row-sparse ones are added when the round is complete, and with the
 * first of them all that follow.
 *
 * @param <R> where a reply goes
 */
final class Round<R> {

    /** Adds dense or encoded gradients to a sum: the sum so far, or null for the first; releases what it has read. */
    interface Folding {
        DenseTensor fold(DenseTensor sum, List<Tensor> gradients);
    }

    private final Map<String, Contribution<R>> contributions = new HashMap<>();
    private final List<Contribution<R>> inOrder = new ArrayList<>();
    private final HeldBytes budget;
    private final boolean byRank;
    private DenseTensor sum;
    private KVStoreException failure;

    /** @param byRank whether contributions are added in the order of ranks, not in that of arrival */
    Round(HeldBytes budget, boolean byRank) {
        this.budget = budget;
        this.byRank = byRank;
    }

    Contribution<R> of(String worker) {
        return contributions.get(worker);
    }

    boolean isEmpty() {
        return contributions.isEmpty();
    }

    /**
     * Takes a contribution in.
     *
     * @param itsTurn whether it can be folded at once, and so need not be held
     * @return false if there is no room to hold it; then nothing was changed
     */
    boolean add(Contribution<R> contribution, boolean itsTurn) {
        long bytes = itsTurn ? 0 : contribution.bytes();
        if (bytes > 0 && !budget.tryTake(bytes)) {
            return false;
        }
        contribution.heldBytes = bytes;
        contributions.put(contribution.origin.worker(), contribution);
        inOrder.add(place(contribution), contribution);
        return true;
    }

    /** Where it stands in the order of additions. */
    private int place(Contribution<R> contribution) {
        int place = inOrder.size();
        while (byRank && place > 0 && inOrder.get(place - 1).rank > contribution.rank) {
            place--;
        }
        return place;
    }

    /** Adds up what can be, given those that the round still waits for, by rank. */
    void fold(List<Seat> missing, Folding folding) {
        int first = byRank && !missing.isEmpty() ? missing.get(0).rank() : Integer.MAX_VALUE;
        for (Contribution<R> each : inOrder) {
            if (!each.gradients.isEmpty()) {
                if (each.rank > first || isSparse(each)) {
                    return;
                }
                List<Tensor> gradients = each.gradients;
                each.gradients = List.of();
                giveBack(each);
                fold(folding, gradients);
            }
        }
    }

    /** A sum that fails takes the round with it: it lacks what was read. */
    private void fold(Folding folding, List<Tensor> gradients) {
        if (failure != null) {
            gradients.forEach(Tensor::release);
            return;
        }
        try {
            sum = folding.fold(sum, gradients);
        } catch (KVStoreException e) {
            failure = e;
        } catch (OutOfMemoryError e) {
            failure = new KVStoreException(
                    Reason.OUT_OF_MEMORY, "not enough memory for the sum of a round; the value was kept");
        } catch (RuntimeException e) {
            failure = new KVStoreException(Reason.INTERNAL, null, "the sum of a round failed: " + e, e);
        }
    }

    /** Why the round cannot be applied, or null. */
    KVStoreException failure() {
        return failure;
    }

    private static boolean isSparse(Contribution<?> contribution) {
        return contribution.gradients.stream().anyMatch(RowSparseTensor.class::isInstance);
    }

    private void giveBack(Contribution<R> contribution) {
        if (contribution.heldBytes > 0) {
            budget.giveBack(contribution.heldBytes);
            contribution.heldBytes = 0;
        }
    }

    /** The contributions as they are to be added. */
    List<Contribution<R>> inOrder() {
        return List.copyOf(inOrder);
    }

    /** The sum so far and what is not in it yet, in order; the caller's from now on. */
    List<Tensor> takeGradients() {
        List<Tensor> gradients = new ArrayList<>();
        if (sum != null) {
            gradients.add(sum);
            sum = null;
        }
        for (Contribution<R> each : inOrder) {
            gradients.addAll(each.gradients);
            each.gradients = List.of();
            giveBack(each);
        }
        return gradients;
    }

    /** Lets go of all tensors. */
    void release() {
        takeGradients().forEach(Tensor::release);
        contributions.clear();
        inOrder.clear();
    }
}
