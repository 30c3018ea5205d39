package io.kvstore.cluster.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

class CoordinatorHistoriesTest {
    private long deaths;
    private long handovers;
    private long events;

    @Test
    void anyHistoryKeepsRanksBarriersAndConfigurations(TestReporter report) {
        runAll(1, 1_000);
        assertThat(deaths).as("workers that died").isGreaterThan(100);
        assertThat(handovers).as("coordinators that took over").isGreaterThan(100);
        report.publishEntry("events", Long.toString(events));
    }

    @Test
    @Tag("thorough")
    void anyOfManyHistoriesKeepsRanksBarriersAndConfigurations() {
        runAll(1_000_000, 20_000);
    }

    private void runAll(long firstSeed, int count) {
        for (long seed = firstSeed; seed < firstSeed + count; seed++) {
            Simulation simulation = new Simulation(seed);
            try {
                simulation.run();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + ", " + simulation + ": " + e.getMessage(), e);
            }
            deaths += simulation.history.deaths();
            handovers += simulation.handovers;
            events += simulation.time.happened();
        }
    }
}
