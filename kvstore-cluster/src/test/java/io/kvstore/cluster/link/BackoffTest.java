package io.kvstore.cluster.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.cluster.link.Backoff.Wait;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackoffTest {
    @ParameterizedTest
    @CsvSource({"0, 20", "80, 20", "800, 100", "8000, 1000", "100_000, 1000", "128_000, 1000", "1_280_000, 10_000"})
    void aSleepIsASmallPartOfTheTimeWithoutWork(String idleMicros, String sleepMicros) {
        assertThat(Backoff.length(nanos(idleMicros))).isEqualTo(nanos(sleepMicros));
    }

    @ParameterizedTest
    @CsvSource({
        // last,    rest, after 0, 49 and 50 us
        "NOTHING, false, YIELD, YIELD, SLEEP",
        "WROTE,   false, YIELD, YIELD, SLEEP",
        "ARRIVED, false, YIELD, YIELD, SLEEP",
        "COPIED,  false, YIELD, YIELD, SLEEP",
        "NOTHING, true,  SPIN,  SPIN,  SLEEP",
        "WROTE,   true,  SPIN,  SPIN,  SLEEP",
        "ARRIVED, true,  SLEEP, SLEEP, SLEEP",
        "COPIED,  true,  YIELD, YIELD, SLEEP",
    })
    void whoWaitsForAnotherProcessStaysAwakeFor50MicrosecondsAndYieldsOnlyWhereThatIsCheap(
            Work last, boolean rest, Wait atOnce, Wait then, Wait inTheEnd) {
        assertThat(Backoff.wait(last, 0, rest)).isEqualTo(atOnce);
        assertThat(Backoff.wait(last, nanos("49"), rest)).isEqualTo(then);
        assertThat(Backoff.wait(last, nanos("50"), rest)).isEqualTo(inTheEnd);
    }

    private static long nanos(String micros) {
        return TimeUnit.MICROSECONDS.toNanos(Long.parseLong(micros.replace("_", "")));
    }
}
