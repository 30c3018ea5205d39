package io.kvstore.actor;

import io.kvstore.optimizer.Optimizer;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Tensor;
import java.util.List;

/**
 * A commit by the host's arithmetic of a key whose value or states only a device has: with copies of those that it needs. What
 * it makes is on the host.
 */
final class CommitOfCopies {
    private CommitOfCopies() {}

    /** Whether the commit starts from the key's value, and the host has none. */
    static boolean needsValue(Commit commit) {
        return commit.record().value == null
                && (commit.config().optimizer() != null || commit.config().updater() != null);
    }

    /** Whether the commit goes on from the states that the device has. */
    static boolean needsStates(Commit commit) {
        Optimizer optimizer = commit.config().optimizer();
        return commit.record().deviceStates != null
                && optimizer != null
                && commit.record().hasStatesFor(optimizer);
    }

    /**
     * Carries it out; the copies are released, unless they are part of the outcome.
     *
     * @param gradients on the host, released once read
     * @param value a copy of the key's value, exclusively the caller's, or null if it is not needed
     * @param states copies of the states, exclusively the caller's, or null if they are not needed
     */
    static Commit.Outcome carryOut(
            HostCommit host, Commit commit, List<Tensor> gradients, DenseTensor value, List<DenseTensor> states) {
        KeyRecord record = commit.record();
        List<DenseTensor> before = states == null ? record.states : states;
        KeyRecord read = record.with(value == null ? record.value : value, before);
        Commit.Outcome outcome;
        try {
            outcome = host.carryOut(new Commit(read, commit.version(), gradients, commit.config()));
        } catch (RuntimeException | Error e) {
            release(states);
            throw e;
        } finally {
            if (value != null) {
                value.release();
            }
        }
        if (outcome.states() != before) {
            release(states);
        }
        boolean kept = commit.config().optimizer() == null && record.deviceStates != null;
        return new Commit.Outcome(
                outcome.value(),
                outcome.rows(),
                outcome.states(),
                outcome.updates(),
                null,
                kept ? record.deviceStates.retain() : null);
    }

    private static void release(List<DenseTensor> copies) {
        if (copies != null) {
            copies.forEach(DenseTensor::release);
        }
    }
}
