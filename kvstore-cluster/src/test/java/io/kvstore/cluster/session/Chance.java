package io.kvstore.cluster.session;

import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * What a seed decides about one run.
 *
 * @param inRounds whether pushes make rounds
 * @param assign whether there is no optimizer, so that a round's sum becomes the value
 * @param loss of a hundred messages so many are lost, and as many repeated
 * @param stray of a hundred messages so many are delayed by seconds
 * @param deletes of a hundred calls so many delete their key
 * @param late whether the last worker comes when the others are at work
 * @param skewMillis how far the servers' clocks may be from the right time
 * @param summing whether the optimizer takes sums over whole keys
 */
record Chance(
        Random random,
        int workers,
        int servers,
        int keys,
        int pushes,
        boolean inRounds,
        boolean byRank,
        boolean failRounds,
        boolean assign,
        long heldBytes,
        int loss,
        int stray,
        int faults,
        int deletes,
        boolean late,
        int skewMillis,
        boolean summing) {

    static Chance of(long seed) {
        Random random = new Random(seed * 0x9E3779B97F4A7C15L);
        random.nextInt();
        boolean inRounds = random.nextInt(3) > 0;
        boolean assign = inRounds && random.nextInt(4) == 0;
        return new Chance(
                random,
                1 + random.nextInt(4),
                1 + random.nextInt(3),
                1 + random.nextInt(3),
                3 + random.nextInt(6),
                inRounds,
                random.nextBoolean(),
                inRounds && !assign && random.nextInt(4) == 0,
                assign,
                random.nextInt(3) == 0 ? 64 : 1 << 20,
                random.nextBoolean() ? 0 : random.nextInt(25),
                random.nextBoolean() ? 0 : random.nextInt(10),
                random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(5),
                random.nextInt(4) == 0 ? 3 : 0,
                random.nextInt(4) == 0,
                random.nextInt(4) == 0 ? 3_000 : 0,
                seed % 3 == 0);
    }

    boolean percent(int chance) {
        return random.nextInt(100) < chance;
    }

    /** Nanoseconds, up to so many milliseconds. */
    long millis(int most) {
        return 1 + (long) (random.nextDouble() * TimeUnit.MILLISECONDS.toNanos(most));
    }

    /** Whether everybody is there from the start and stays, and no key is deleted. */
    boolean calm() {
        return faults == 0 && deletes == 0 && !late;
    }

    <T> T one(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }
}
