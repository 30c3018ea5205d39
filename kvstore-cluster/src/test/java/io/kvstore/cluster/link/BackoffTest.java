package io.kvstore.cluster.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackoffTest {
    @ParameterizedTest
    @CsvSource({"0, 20", "80, 20", "800, 100", "8000, 1000", "100_000, 1000", "128_000, 1000", "1_280_000, 10_000"})
    void aSleepIsASmallPartOfTheTimeWithoutWork(String idleMicros, String sleepMicros) {
        assertThat(Backoff.length(nanos(idleMicros))).isEqualTo(nanos(sleepMicros));
    }

    private static long nanos(String micros) {
        return TimeUnit.MICROSECONDS.toNanos(Long.parseLong(micros.replace("_", "")));
    }
}
