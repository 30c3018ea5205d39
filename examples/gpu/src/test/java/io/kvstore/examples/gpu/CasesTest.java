package io.kvstore.examples.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvstore.cuda.sim.SimulatedDriver;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CasesTest {
    private static final long SEED = 71;

    @Test
    void theClassPathHasNoNd4j() {
        assertThatThrownBy(() -> Class.forName("org.nd4j.linalg.api.ndarray.INDArray"))
                .isInstanceOf(ClassNotFoundException.class);
    }

    @TestFactory
    Stream<DynamicNode> everyCaseHolds() {
        return Stream.of("cpu(0),cpu(1)", "gpu(0),gpu(0),gpu(1),gpu(1)")
                .map(DeviceGroup::of)
                .flatMap(group -> Case.all().stream()
                        .map(each -> DynamicTest.dynamicTest(
                                each.name() + " on " + group,
                                () -> simulated(group, driver -> each.runOn(group, driver)))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu(0)", "cpu(0),cpu(1),cpu(2),cpu(3)", "gpu(0),gpu(0)", "gpu(0),gpu(1),cpu(0)"})
    void anyHistoryOfAFewKeysIsThatOnTheHost(String devices) throws Exception {
        DeviceGroup group = DeviceGroup.of(devices);
        simulated(group, driver -> {
            try (Store store = Store.on(group, driver);
                    Histories histories = new Histories(store)) {
                histories.run(1_000, 40);
            }
        });
    }

    private interface OnGpus {
        void run(SimulatedDriver driver) throws Exception;
    }

    /** On two simulated GPUs, which afterwards have nothing to complain of. */
    private static void simulated(DeviceGroup group, OnGpus body) throws Exception {
        try (SimulatedDriver driver = SimulatedDriver.of(2, SEED)) {
            body.run(driver);
            assertThat(driver.faults()).as("faults on %s, seed %d", group, SEED).isEmpty();
            assertThat(driver.leaks()).as("leaks on %s, seed %d", group, SEED).isEmpty();
        }
    }
}
