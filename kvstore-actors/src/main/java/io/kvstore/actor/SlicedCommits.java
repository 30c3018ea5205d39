package io.kvstore.actor;

import io.kvstore.Reason;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.optimizer.OptimizerKernel;
import io.kvstore.profile.Profile;

/**
 * Carries out the commits of one slice that depend on the other slices of its key: half of each, and the other half once
 * {@link SumExchange} has the sums over the whole key. Without Akka; not thread-safe.
 */
final class SlicedCommits implements SumExchange.Effects {

    /** What it does to the slice and to others. */
    interface Effects {
        void tell(Part to, PartMail mail);

        /** A commit is over. */
        void report(KeyEvent outcome);

        /** Whether a live worker will bring all slices to the version under way. */
        boolean awaited();
    }

    private final HostCommit host;
    private final Profile profile;
    private final Effects effects;
    private final SumExchange exchange;
    private OptimizerUpdate update;

    /** @param patience how many times to try again when no live worker waits */
    SlicedCommits(Part part, HostCommit host, Profile profile, int patience, Effects effects) {
        this.host = host;
        this.profile = profile;
        this.effects = effects;
        this.exchange = new SumExchange(part, patience, this);
    }

    /**
     * Whether a commit depends on other slices: its rule takes sums over the whole key, or is a user's, which a server may
     * lack.
     */
    static boolean takes(Commit commit) {
        Optimizer optimizer = commit.config().optimizer();
        return optimizer != null
                && commit.record().layout.slices() > 1
                && (OptimizerKernel.takesSums(optimizer) || !optimizer.isBuiltIn());
    }

    void carryOut(Commit commit) {
        double[] sums;
        try {
            update = host.begin(commit, false);
            sums = update.sums();
        } catch (Throwable e) { // whatever it is, the key goes on
            update = null;
            KeyEvent.CommitFailed failure = CommitRun.failure(commit, e);
            exchange.closedWithout(commit, failure.reason(), failure.message());
            effects.report(failure);
            return;
        }
        exchange.start(commit, sums);
    }

    /** A commit that was carried out another way has failed: other slices may wait for it. */
    void failedAlone(KeyEvent.CommitFailed failure) {
        if (failure.commit().record().layout.slices() > 1) {
            exchange.closedWithout(failure.commit(), failure.reason(), failure.message());
        }
    }

    boolean isPending() {
        return exchange.isPending();
    }

    /** @param record the slice's, or null if it has none */
    void on(PartMail mail, KeyRecord record) {
        exchange.on(mail, record);
    }

    /** Other slices of the key are known to be gone. */
    void lifeIsOver() {
        exchange.lifeIsOver();
    }

    /** Some time has passed. */
    void again() {
        exchange.again();
    }

    /** Forgets the commit under way; it is not carried out here. */
    void abandon() {
        exchange.abandon();
        if (update != null) {
            update.discard();
            update = null;
        }
    }

    @Override
    public void combined(Commit commit, double[] sums) {
        OptimizerUpdate finishing = update;
        update = null;
        effects.report(CommitRun.run(profile, whole -> finishing.finish(sums), commit));
    }

    @Override
    public void failed(Commit commit, Reason reason, String message) {
        update.discard();
        update = null;
        effects.report(new KeyEvent.CommitFailed(commit, reason, message));
    }

    @Override
    public void tell(Part to, PartMail mail) {
        effects.tell(to, mail);
    }

    @Override
    public boolean awaited() {
        return effects.awaited();
    }
}
