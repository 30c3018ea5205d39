package io.kvstore.cluster.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.Key;
import io.kvstore.actor.Part;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HomesTest {
    private static final Part PART = Part.head(Key.of("w"));
    private static final Part OTHER = Part.head(Key.of("v"));
    private static final Timing TIMING = new Timing(10, 80, 3, 24, 1_000);

    private final List<Part> asked = new ArrayList<>();
    private final PlayedParts outside = new PlayedParts() {
        @Override
        public void locate(Part part) {
            asked.add(part);
        }
    };
    private final Pace pace = new Pace(TIMING);
    private final Homes<String> homes = new Homes<>(outside, pace);
    private final PartRequest<String> first = new PartRequest<>(1, PART, null, null, null);
    private final PartRequest<String> second = new PartRequest<>(2, PART, null, null, null);

    private void lookFor(PartRequest<String> request) {
        pace.attempt(request);
        homes.lookFor(request);
    }

    @Test
    void aPartIsAskedForOnceHoweverManyRequestsWaitForIt() {
        lookFor(second);
        lookFor(first);
        assertThat(asked).containsExactly(PART);
        assertThat(homes.found(PART, "here")).containsExactly(first, second);
        assertThat(homes.of(PART)).isEqualTo("here");
    }

    @Test
    void anAttemptThatIsRepeatedAsksOnceMore() {
        lookFor(first);
        lookFor(first);
        assertThat(asked).containsExactly(PART, PART);
    }

    @Test
    void serversThatAreMetAreAskedForWhatOthersWereAskedFor() {
        lookFor(first);
        asked.clear();
        homes.serversMet();
        assertThat(asked).containsExactly(PART);
    }

    @Test
    void aNodeThatDoesNotHaveThePartIsNotItsHome() {
        homes.found(PART, "here");
        first.sentTo = "here";
        homes.wrong(first);
        assertThat(homes.of(PART)).isNull();
    }

    @Test
    void whatANodeSaysThatIsNotTheHomeAnyMoreChangesNothing() {
        homes.found(PART, "here");
        first.sentTo = "there";
        homes.wrong(first);
        assertThat(homes.of(PART)).isEqualTo("here");
    }

    @Test
    void nothingLivesOnANodeThatIsDead() {
        homes.found(PART, "here");
        homes.found(OTHER, "there");
        assertThat(homes.dead("here")).containsExactly(PART);
        assertThat(homes.of(PART)).isNull();
        assertThat(homes.of(OTHER)).isEqualTo("there");
    }

    @Test
    void aRequestWithoutANodeIsUnreachableAfterASilence() {
        pace.reached(first);
        lookFor(first);
        pace.tick(1_000);
        assertThat(homes.isUnreachable(first)).isTrue();
        first.sentTo = "here";
        assertThat(homes.isUnreachable(first)).isFalse();
    }
}
