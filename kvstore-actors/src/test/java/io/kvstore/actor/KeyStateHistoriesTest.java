package io.kvstore.actor;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.Key;
import io.kvstore.tensor.BufferPool;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

class KeyStateHistoriesTest {
    private static final int STEPS = 400;

    private long messages;
    private long busy;
    private long commits;
    private long failures;
    private long rowPulls;
    private long errands;

    @Test
    void anyHistoryOfAKeyIsThatOfItsModel() {
        runAll(1, 200);
        assertThat(busy).as("refusals of a full queue").isPositive();
        assertThat(commits).as("commits").isGreaterThan(failures);
        assertThat(failures).as("failed commits").isPositive();
        assertThat(errands).as("errands to a device").isPositive();
        assertThat(rowPulls).as("answered pulls of rows").isPositive();
    }

    @Test
    @Tag("thorough")
    void anyOfManyHistoriesOfAKeyIsThatOfItsModel() {
        runAll(1_000_000, 10_000);
    }

    @Test
    void aKeyHandlesTenThousandMessagesASecond(TestReporter report) {
        runAll(1, 30);
        messages = 0;
        long start = System.nanoTime();
        runAll(5_000, 100);
        double perSecond = messages / ((System.nanoTime() - start) / 1e9);
        report.publishEntry("checked messages per second", String.format("%.0f", perSecond));
        assertThat(perSecond).isGreaterThan(10_000);
    }

    private void runAll(long firstSeed, int count) {
        for (long seed = firstSeed; seed < firstSeed + count; seed++) {
            run(seed);
        }
    }

    private void run(long seed) {
        Random random = new Random(seed);
        BufferPool pool = new BufferPool(1 << 20);
        KeyRecords records = new KeyRecords();
        List<KeyHistory> keys = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            keys.add(new KeyHistory(Key.of(i), records, pool, random));
        }
        try {
            for (int i = 0; i < STEPS; i++) {
                keys.get(random.nextInt(keys.size())).step();
            }
            keys.forEach(KeyHistory::finish);
            assertThat(pool.liveBytes())
                    .as("live bytes, of values and states alone")
                    .isEqualTo(keys.stream().mapToLong(KeyHistory::ownBytes).sum());
            records.releaseAll();
            assertThat(pool.liveBytes()).as("live bytes at the end").isZero();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("seed " + seed + ", " + keys + ": " + e.getMessage(), e);
        }
        for (KeyHistory each : keys) {
            messages += each.requests;
            busy += each.busy;
            commits += each.commits;
            failures += each.failures;
            rowPulls += each.rowPulls;
            errands += each.errands;
        }
    }
}
