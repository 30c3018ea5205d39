package io.kvstore.cluster.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class YieldsTest {
    private static final long START = Long.MAX_VALUE - millis(100); // nanoTime may overflow

    private final Yields yields = new Yields(START);
    private long now = START;

    @Test
    void areGoodWhileTheyAreShort() {
        for (int i = 0; i < 10_000; i++) {
            take(micros(900));
            assertThat(yields.rest(now)).isFalse();
        }
    }

    @Test
    void restOnceLongOnesTookMostOfTheTime() {
        take(millis(4));
        take(millis(4));
        take(millis(4));
        assertThat(yields.rest(now)).isFalse();

        take(millis(4));
        assertThat(yields.rest(now)).isTrue();
    }

    @Test
    void restForAWhileOnly() {
        take(millis(20));

        pass(millis(Yields.REST_MILLIS) - 1);
        assertThat(yields.rest(now)).isTrue();
        pass(1);
        assertThat(yields.rest(now)).isFalse();
    }

    @Test
    void restAgainAfterHalfAsMuch() {
        take(millis(20));
        pass(millis(Yields.REST_MILLIS));

        take(millis(4));
        assertThat(yields.rest(now)).isFalse();
        take(millis(4));
        assertThat(yields.rest(now)).isTrue();
    }

    @Test
    void aLongOneNowAndThenIsNoReasonToRest() {
        for (int i = 0; i < 1000; i++) {
            take(millis(4));
            assertThat(yields.rest(now)).isFalse();
            pass(millis(Yields.HALVED_MILLIS));
        }
    }

    @Test
    void whatWasLostLongAgoIsForgotten() {
        take(millis(15));
        pass(TimeUnit.DAYS.toNanos(1));
        take(millis(15));
        assertThat(yields.rest(now)).isFalse();
    }

    private void take(long nanos) {
        yields.took(now, now + nanos);
        pass(nanos);
    }

    private void pass(long nanos) {
        now += nanos;
    }

    private static long micros(long micros) {
        return TimeUnit.MICROSECONDS.toNanos(micros);
    }

    private static long millis(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }
}
