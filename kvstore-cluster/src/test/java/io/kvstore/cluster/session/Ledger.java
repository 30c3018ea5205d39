package io.kvstore.cluster.session;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the workers did to one key and what they saw of it, and whether that can be: every push that was acknowledged is in
 * the value once, in every slice; every other at most once; what was seen grows.
 */
final class Ledger {
    /** What a push may leave in its cell, by configuration: 1, 64 or 4096, so that no two of them make a third. */
    static final List<Float> MARKS = List.of(1f, 64f, 4096f);

    enum Outcome {
        OPEN,
        DONE,
        REFUSED,
        UNKNOWN
    }

    /** One push; {@code generation} is that of the key's life it was sent to, 0 until then. */
    static final class Push {
        final int cell;
        final String worker;
        final int incarnation;
        final long start;
        long generation;
        Outcome outcome = Outcome.OPEN;
        String why = "";
        long version;
        long end = Long.MAX_VALUE;

        private Push(int cell, String worker, int incarnation, long start) {
            this.cell = cell;
            this.worker = worker;
            this.incarnation = incarnation;
            this.start = start;
        }

        @Override
        public String toString() {
            return "push " + cell + " of " + worker + ", life " + incarnation + " of it and " + generation
                    + " of the key, " + outcome + " " + why + " at version " + version;
        }
    }

    /** One pull that was answered. */
    record Pull(String worker, int incarnation, long generation, long version, long start, long end, float[][] cells) {}

    private record Round(long generation, long version) {}

    private final LedgerKey key;
    private final Chance chance;
    private final List<Push> pushes = new ArrayList<>();
    private final List<Pull> pulls = new ArrayList<>();

    Ledger(LedgerKey key, Chance chance) {
        this.key = key;
        this.chance = chance;
    }

    boolean isFull() {
        return pushes.size() == key.cells() - 1;
    }

    List<Push> pushes() {
        return pushes;
    }

    int pullCount() {
        return pulls.size();
    }

    /** @param incarnation the worker's count of its lives */
    Push begin(String worker, int incarnation, long now) {
        Push push = new Push(1 + pushes.size(), worker, incarnation, now);
        pushes.add(push);
        return push;
    }

    /** A push leaves for the key. */
    void sent(int cell, long generation) {
        Push push = pushes.get(cell - 1);
        require(
                push.generation == 0 || push.generation == generation,
                push + " was sent again to generation " + generation);
        push.generation = generation;
    }

    void saw(Pull pull) {
        pulls.add(pull);
        checkAlone(pull);
    }

    private void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(key.key() + " of " + key.slices() + " slices: " + what);
        }
    }

    /** What can be said of a pull when it is answered. */
    private void checkAlone(Pull pull) {
        for (int slice = 0; slice < key.slices(); slice++) {
            for (int cell = pushes.size() + 1; cell < key.cells(); cell++) {
                require(pull.cells[slice][cell] == 0, "cell " + cell + " has a push that nobody has made");
            }
            for (Push push : pushes) {
                float found = pull.cells[slice][push.cell];
                require(found == 0 || MARKS.contains(found), push + " left " + found + " in slice " + slice);
                require(
                        found == 0 || push.generation == pull.generation,
                        push + " is in slice " + slice + " of generation " + pull.generation);
            }
            require(
                    chance.assign() && pull.version > 0 || pull.cells[slice][0] == pull.cells[0][0],
                    "slices of different first values: " + pull.cells[0][0] + " and " + pull.cells[slice][0]);
        }
    }

    /** Checks the whole history; no push is open any more. */
    void check() {
        for (Pull pull : pulls) {
            checkAlone(pull);
            for (Push push : pushes) {
                if (push.generation == pull.generation) {
                    check(push, pull);
                }
            }
        }
        checkOrder();
        checkVersions();
    }

    private void check(Push push, Pull pull) {
        float[] found = new float[key.slices()];
        for (int slice = 0; slice < key.slices(); slice++) {
            found[slice] = pull.cells[slice][push.cell];
        }
        String what = push + " left " + Arrays.toString(found) + " in what " + pull.worker + " saw of version "
                + pull.version + " between " + pull.start + " and " + pull.end;
        boolean none = all(found, 0);
        if (push.start > pull.end) {
            require(none, what + ", before it was made");
        }
        if (push.outcome == Outcome.REFUSED && key.slices() == 1) {
            require(none, what + ", though it was refused");
        }
        if (push.outcome != Outcome.DONE) {
            return;
        }
        if (chance.inRounds()) {
            boolean expected = chance.assign() ? push.version == pull.version : push.version <= pull.version;
            require(!expected || all(found, v -> v != 0), what + ": missing");
            require(none || push.version <= pull.version, what + ": from the future");
            // a worker that was lost may have had its part, and its configuration, in the rounds of some slices only
            require(all(found, found[0]) || lost(push.generation), what + ": not the same in all slices");
        }
        boolean before = push.end < pull.start
                || push.worker.equals(pull.worker) && push.incarnation == pull.incarnation && push.start < pull.start;
        require(!before || chance.assign() || all(found, v -> v != 0), what + ": its reader came later");
    }

    private boolean lost(long generation) {
        return pushes.stream().anyMatch(push -> push.generation == generation && push.outcome != Outcome.DONE);
    }

    private static boolean all(float[] found, float value) {
        return all(found, v -> v == value);
    }

    private interface FloatTest {
        boolean holds(float value);
    }

    private static boolean all(float[] found, FloatTest test) {
        for (float each : found) {
            if (!test.holds(each)) {
                return false;
            }
        }
        return true;
    }

    /** What was seen once is seen by every later reader. */
    private void checkOrder() {
        for (Pull early : pulls) {
            for (Pull late : pulls) {
                if (early.generation != late.generation || early.end >= late.start) {
                    continue;
                }
                if (chance.inRounds() && early.worker.equals(late.worker)) {
                    require(
                            early.version <= late.version,
                            late.worker + " saw version " + late.version + " after " + early.version);
                }
                require(
                        chance.assign() || early.cells[0][0] == late.cells[0][0],
                        "two first values in generation " + early.generation);
                for (int slice = 0; slice < key.slices() && !chance.assign(); slice++) {
                    for (Push push : pushes) {
                        require(
                                early.cells[slice][push.cell] == 0
                                        || early.cells[slice][push.cell] == late.cells[slice][push.cell],
                                push + " was seen by " + early.worker + " and later not by " + late.worker);
                    }
                }
            }
        }
    }

    /** A worker's pushes make versions in their order; a round has one push of each. */
    private void checkVersions() {
        Map<String, Long> last = new HashMap<>();
        Map<Round, Set<String>> rounds = new HashMap<>();
        for (Push push : pushes) {
            if (push.outcome != Outcome.DONE) {
                continue;
            }
            Long before = last.put(push.generation + push.worker, push.version);
            require(before == null || before < push.version, push + " comes after version " + before);
            Round round = new Round(push.generation, push.version);
            boolean first = rounds.computeIfAbsent(round, r -> new HashSet<>()).add(push.worker);
            require(first || !chance.inRounds(), push + ": two in one round");
        }
        if (chance.inRounds() && chance.calm()) {
            rounds.forEach((round, workers) -> require(
                    workers.size() == chance.workers() || round.version > chance.pushes() || lost(round.generation),
                    round + " has only " + workers));
        }
    }
}
