package io.kvstore.examples.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvstore.optimizer.Optimizer;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptimizerOptionTest {

    @Test
    void aNameAloneHasTheStoresDefaults() {
        assertThat(OptimizerOption.parse("adam")).isEqualTo(Optimizer.of("adam", Map.of()));
        assertThat(OptimizerOption.parse("adam:")).isEqualTo(Optimizer.of("adam", Map.of()));
    }

    @Test
    void settingsFollowTheColon() {
        assertThat(OptimizerOption.parse("sgd:learning_rate=5e-2, momentum=0.9,lazy_update=false"))
                .isEqualTo(Optimizer.of("sgd", Map.of("learning_rate", 0.05, "momentum", 0.9, "lazy_update", false)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            nope                  | nope
            sgd:momentum          | setting=value expected, given 'momentum'
            sgd:=1                | setting=value expected, given '=1'
            sgd:momentum=0.9,     | setting=value expected, given ''
            sgd:speed=1           | speed
            sgd:learning_rate=-1  | learning_rate
            sgd:learning_rate=x   | learning_rate
            """)
    void aWrongOneIsNamedWithTheMistake(String text, String mistake) {
        assertThatThrownBy(() -> OptimizerOption.parse(text))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("--optimizer " + text + ": ")
                .hasMessageContaining(mistake);
    }
}
