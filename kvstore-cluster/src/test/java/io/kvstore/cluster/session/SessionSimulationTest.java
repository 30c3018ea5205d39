package io.kvstore.cluster.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class SessionSimulationTest {

    @Test
    void everyAcknowledgedPushIsInTheValueOnceWhateverTheNetworkDoes() {
        runAll(1, 40);
    }

    @Test
    @Tag("thorough")
    void everyAcknowledgedPushIsInTheValueOnceInManyRuns() {
        runAll(10_000, 1_000);
    }

    private static void runAll(long firstSeed, int count) {
        long acknowledged = 0;
        for (long seed = firstSeed; seed < firstSeed + count; seed++) {
            Simulation run = new Simulation(seed);
            run.run();
            acknowledged += run.acknowledged();
        }
        assertThat(acknowledged).as("pushes acknowledged").isGreaterThan(10L * count);
    }
}
