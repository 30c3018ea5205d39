package io.kvstore.examples.gpu;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** ND4J is not on the class path of these tests. */
class CasesTest {
    @TestFactory
    Stream<DynamicNode> everyCaseHoldsOnTheHost() {
        return Case.all().stream()
                .map(each -> DynamicTest.dynamicTest(each.name(), () -> each.runOn(DeviceGroup.of("cpu(0),cpu(1)"))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu(0)", "cpu(0),cpu(1),cpu(2),cpu(3)"})
    void anyHistoryOfAFewKeysIsThatOfTheirModels(String devices) {
        try (Store store = Store.on(DeviceGroup.of(devices))) {
            Histories.run(store, 1_000, 60);
        }
    }
}
