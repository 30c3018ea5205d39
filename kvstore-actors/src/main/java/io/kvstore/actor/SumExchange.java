package io.kvstore.actor;

import io.kvstore.Reason;
import io.kvstore.optimizer.OptimizerKernel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * How the slices of a key come to know the sums over the whole key, as one of them sees it; without Akka, not thread-safe.
 *
 * <pre>
 *   slice 1 ── SumsTaken ──►┐              ┌── SumsCombined ──► slice 1
 *   slice 2 ── SumsTaken ──►│ head: all    │── SumsCombined ──► slice 2
 *   head's own sums ───────►┘ are there ───┘── ...
 * </pre>
 *
 * <p>Messages may be lost: every {@link #again} a slice repeats its sums and the head asks for those it lacks. The combined
 * sums lie in the head's record, so that a slice or head that starts again meanwhile gets the same; one version is enough,
 * as no slice has sums for the next before it has made this one. Who closes a version without an update says so, at once or
 * when asked; then no slice makes one: {@link PartMail.SumsFailed}. So does who has lost the key.
 *
 * <p>While a live worker waits for a round it pushes to the other slices too, so the exchange goes on without limit. With
 * no such worker, and in a store without rounds, where slices may be given pushes in different orders, it is given up after
 * some time.
 */
final class SumExchange {

    /** What the exchange does to the part and to others. */
    interface Effects {
        void tell(Part to, PartMail mail);

        /** The commit may go on, with these sums over the whole key. */
        void combined(Commit commit, double[] sums);

        /** The commit must not be carried out. */
        void failed(Commit commit, Reason reason, String message);

        /** Whether a live worker will bring all slices to the version under way. */
        boolean awaited();
    }

    private final Part part;
    private final int patience;
    private final Effects effects;
    private final Map<Integer, PartMail.SumsTaken> taken = new HashMap<>(); // the head's
    private Commit pending;
    private double[] own;
    private PartMail.SumsFailed failed; // the head's last
    private int waited;

    /** @param patience how many times to try again when no live worker waits */
    SumExchange(Part part, int patience, Effects effects) {
        this.part = part;
        this.patience = patience;
        this.effects = effects;
    }

    /** A commit needs the sums over the whole key, of which the part's are {@code sums}. */
    void start(Commit commit, double[] sums) {
        KeyRecord record = commit.record();
        pending = commit;
        own = sums;
        waited = 0;
        if (!part.isHead()) {
            tellOwn();
        } else if (record.sums != null && record.sums.version() == commit.version()) {
            finish(record.sums.sums()); // the head failed after it had told the others
        } else {
            taken.put(part.slice(), ownSums());
            combine();
        }
    }

    boolean isPending() {
        return pending != null;
    }

    /** @param record the part's, or null if it has none */
    void on(PartMail mail, KeyRecord record) {
        if (mail instanceof PartMail.SumsTaken sums) {
            onTaken(sums, record);
        } else if (mail instanceof PartMail.SumsWanted wanted) {
            onWanted(wanted, record);
        } else if (mail instanceof PartMail.SumsCombined combined && isAbout(mail)) {
            finish(combined.sums());
        } else if (mail instanceof PartMail.SumsFailed given && isAbout(mail)) {
            if (part.isHead()) {
                giveUp(given.reason(), given.message());
            } else {
                fail(given.reason(), given.message());
            }
        }
    }

    private boolean isAbout(PartMail mail) {
        return pending != null
                && mail.generation() == pending.record().generation
                && mail.version() == pending.version();
    }

    private void onTaken(PartMail.SumsTaken sums, KeyRecord record) {
        Part from = new Part(part.key(), sums.slice());
        if (record == null || record.generation != sums.generation()) {
            effects.tell(from, lost(sums, record));
        } else if (record.sums != null && record.sums.version() == sums.version()) {
            effects.tell(from, record.sums);
        } else if (sums.version() <= record.version) {
            boolean known =
                    failed != null && failed.version() == sums.version() && failed.generation() == sums.generation();
            effects.tell(from, known ? failed : closedWithout(sums));
        } else {
            taken.put(sums.slice(), sums);
            if (isAbout(sums)) {
                combine();
            }
        }
    }

    private void onWanted(PartMail.SumsWanted wanted, KeyRecord record) {
        if (record == null || record.generation != wanted.generation()) {
            effects.tell(Part.head(part.key()), lost(wanted, record));
        } else if (isAbout(wanted)) {
            tellOwn();
        } else if (wanted.version() <= record.version) {
            effects.tell(Part.head(part.key()), closedWithout(wanted));
        } // else its turn comes
    }

    private PartMail lost(PartMail about, KeyRecord record) {
        return new PartMail.SumsFailed(
                about.generation(),
                about.version(),
                record == null ? Reason.NOT_INITIALIZED : Reason.STALE_GENERATION,
                "slice " + part.slice() + " of generation " + about.generation()
                        + " of the key is gone; what is left of that generation is not updated any more");
    }

    private PartMail closedWithout(PartMail about) {
        return new PartMail.SumsFailed(
                about.generation(),
                about.version(),
                Reason.ROUND_FAILED,
                "slice " + part.slice() + " closed version " + about.version()
                        + " without an update, so no slice is updated; the value was kept");
    }

    /** The head's: goes on once all slices' sums are there. */
    private void combine() {
        Layout layout = pending.record().layout;
        if (taken.size() < layout.slices()) {
            return;
        }
        List<double[]> parts = new ArrayList<>(layout.slices());
        List<Integer> lengths = new ArrayList<>(layout.slices());
        for (int slice = 0; slice < layout.slices(); slice++) {
            if (!isAbout(taken.get(slice))) {
                return;
            }
            parts.add(taken.get(slice).sums());
            lengths.add(layout.length(slice));
        }
        double[] whole;
        try {
            whole = OptimizerKernel.combine(pending.config().optimizer(), parts, lengths);
        } catch (IllegalArgumentException e) { // the members of the round changed while slices closed it
            giveUp(Reason.ROUND_FAILED, "slices applied different optimizers (" + e.getMessage() + ")");
            return;
        }
        KeyRecord record = pending.record();
        record.sums = new PartMail.SumsCombined(record.generation, pending.version(), whole);
        tellSlices(layout, record.sums);
        finish(whole);
    }

    private void finish(double[] sums) {
        Commit done = pending;
        end();
        effects.combined(done, sums);
    }

    private void fail(Reason reason, String message) {
        Commit done = pending;
        end();
        effects.failed(done, reason, message);
    }

    /** No slice shall go on. */
    private void giveUp(Reason reason, String message) {
        closedWithout(pending, reason, message);
        fail(reason, message);
    }

    /** Before anything that may begin the next. */
    private void end() {
        long version = pending.version();
        taken.values().removeIf(each -> each.version() <= version);
        pending = null;
        own = null;
    }

    /** This part's commit failed: tells who may wait for its sums. */
    void closedWithout(Commit commit, Reason reason, String message) {
        PartMail.SumsFailed told =
                new PartMail.SumsFailed(commit.record().generation, commit.version(), reason, message);
        if (part.isHead()) {
            failed = told;
            tellSlices(commit.record().layout, told);
        } else {
            effects.tell(Part.head(part.key()), told);
        }
    }

    /** Some time has passed: says again what may have been lost, or gives up. */
    void again() {
        if (pending == null) {
            return;
        }
        waited = effects.awaited() ? 0 : waited + 1;
        List<Integer> missing = missing();
        String waitingFor = part.isHead() ? "the sums of slices " + missing : "the sums over all slices";
        if (waited > patience) {
            giveUp(
                    Reason.ROUND_FAILED,
                    "version " + pending.version() + " of slice " + part.slice() + " waited too long for " + waitingFor
                            + "; the value was kept");
            return;
        }
        pending.record().waitingFor("version " + pending.version() + " waits for " + waitingFor);
        if (part.isHead()) {
            PartMail wanted = new PartMail.SumsWanted(pending.record().generation, pending.version());
            missing.forEach(slice -> effects.tell(new Part(part.key(), slice), wanted));
        } else {
            tellOwn();
        }
    }

    private List<Integer> missing() {
        return IntStream.range(0, pending.record().layout.slices())
                .filter(slice -> !taken.containsKey(slice) || !isAbout(taken.get(slice)))
                .boxed()
                .toList();
    }

    private void tellOwn() {
        effects.tell(Part.head(part.key()), ownSums());
    }

    private PartMail.SumsTaken ownSums() {
        return new PartMail.SumsTaken(part.slice(), pending.record().generation, pending.version(), own);
    }

    private void tellSlices(Layout layout, PartMail mail) {
        for (int slice = 1; slice < layout.slices(); slice++) {
            effects.tell(new Part(part.key(), slice), mail);
        }
    }

    /** The key's generation is over, other slices of it are gone. */
    void lifeIsOver() {
        if (pending != null) {
            giveUp(
                    Reason.NOT_INITIALIZED,
                    "generation " + pending.record().generation + " of the key is over; it is not updated any more");
        }
    }

    /** Forgets the commit under way; it is not carried out here. */
    void abandon() {
        pending = null;
        own = null;
    }
}
