package io.kvstore.cluster.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.Key;
import io.kvstore.actor.Part;
import org.junit.jupiter.api.Test;

class PaceTest {
    private static final Timing TIMING = new Timing(10, 80, 3, 24, 1_000);

    private final Pace pace = new Pace(TIMING);
    private final PartRequest<String> request = new PartRequest<>(1, Part.head(Key.of("w")), null, null, null);

    /** The first time from now on at which the request is due. */
    private long due() {
        long time = pace.now();
        while (!pace.isDue(request)) {
            pace.tick(++time);
        }
        return time;
    }

    @Test
    void theWaitBeforeTheNextAttemptDoublesUpToItsMost() {
        long before = 0;
        for (long wait : new long[] {10, 20, 40, 80, 80}) {
            pace.attempt(request);
            assertThat(due() - before).isEqualTo(wait);
            before = pace.now();
        }
    }

    @Test
    void theWaitAfterARefusalDoublesUpToItsMost() {
        long before = 0;
        for (long wait : new long[] {3, 6, 12, 24, 24}) {
            pace.refused(request);
            assertThat(due() - before).isEqualTo(wait);
            before = pace.now();
        }
    }

    @Test
    void oneThatIsHeldIsAskedAboutAsSeldomAsAny() {
        pace.attempt(request);
        pace.held(request);
        assertThat(due()).isEqualTo(80);
    }

    @Test
    void oneThatIsPausedIsNeverDueUntilItsNextAttempt() {
        pace.pause(request);
        pace.tick(Long.MAX_VALUE - 100);
        assertThat(pace.isPaused(request)).isTrue();
        assertThat(pace.isDue(request)).isFalse();
        pace.attempt(request);
        assertThat(pace.isPaused(request)).isFalse();
    }

    @Test
    void oneThatIsSilentIsNotAskedAboutWhileAnswersTakeHalfAsLong() {
        PartRequest<String> slow = new PartRequest<>(2, request.part, null, null, null);
        pace.sent(slow);
        pace.tick(15);
        pace.answered(slow);
        silentFromNow();
        assertThat(due()).isEqualTo(15 + 2 * 15);
    }

    @Test
    void howeverLongAnswersTakeOneThatIsSilentIsAskedAbout() {
        PartRequest<String> slow = new PartRequest<>(2, request.part, null, null, null);
        pace.sent(slow);
        pace.tick(500);
        pace.answered(slow);
        silentFromNow();
        assertThat(due()).isEqualTo(500 + 80);
    }

    private void silentFromNow() {
        request.sentTo = "server";
        request.withData = false;
        pace.attempt(request);
        pace.sent(request);
    }

    @Test
    void aServerIsLostWhenNobodyHasAnsweredForThatLong() {
        pace.tick(7);
        pace.reached(request);
        pace.tick(1_006);
        assertThat(pace.isLost(request.unreachableSince)).isFalse();
        pace.tick(1_007);
        assertThat(pace.isLost(request.unreachableSince)).isTrue();
    }
}
