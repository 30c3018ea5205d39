package io.kvstore.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimesTest {

    @ParameterizedTest
    @CsvSource({
        "0, 0 s",
        "150, 0.15 s",
        "1500, 1.5 s",
        "59000, 59 s",
        "190000, 3 m 10 s",
        "1800000, 30 m",
        "7500000, 2 h 5 m",
        "7200000, 2 h",
        "349200000, 4 d 1 h"
    })
    void timesReadWell(long millis, String text) {
        assertThat(Times.text(Duration.ofMillis(millis))).isEqualTo(text);
    }
}
