package io.kvstore.cluster.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.actor.Layout;
import io.kvstore.actor.Part;
import io.kvstore.actor.PartReply.Published;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Calls on more keys than servers can be asked for at once, the servers played by the test. */
class ManyKeysTest {
    private static final int KEYS =
            15 * Homeless.AT_ONCE; // more than are asked for within the time after which calls end
    private static final Layout LAYOUT = new Layout(Shape.of(1), DType.FLOAT32, false, 1);

    private final List<Part> asked = new ArrayList<>();
    private final PlayedParts servers = new PlayedParts() {
        @Override
        public void locate(Part part) {
            asked.add(part);
        }
    };
    private final SessionCore<String> core = servers.core;
    private final Map<Long, KVStoreException> failures = servers.failures;

    @BeforeEach
    void initOfManyKeys() {
        for (int key = 0; key < KEYS; key++) {
            core.init(key, Key.of(key), LAYOUT, Payload.of(DenseTensor.zeros(DType.FLOAT32, Shape.of(1))));
        }
    }

    private void seconds(int now) {
        core.tick(TimeUnit.SECONDS.toNanos(now));
    }

    private static Part part(int key) {
        return Part.head(Key.of(key));
    }

    private static List<Part> parts(int from, int to) {
        return IntStream.range(from, to).mapToObj(ManyKeysTest::part).toList();
    }

    @Test
    void serversAreAskedForSomePartsAtATimeInTheOrderOfTheCalls() {
        assertThat(asked).isEqualTo(parts(0, Homeless.AT_ONCE));
        core.incoming().located(part(7), "server");
        core.incoming().located(part(3), "server");
        assertThat(asked).isEqualTo(parts(0, Homeless.AT_ONCE + 2));
    }

    @Test
    void everyKeyGetsItsTurn() {
        for (int next = 0; next < KEYS; next++) {
            core.incoming().located(asked.get(next), "server");
        }
        assertThat(asked).isEqualTo(parts(0, KEYS));
        assertThat(servers.sent).hasSize(KEYS);
        List.copyOf(servers.sent)
                .forEach(each -> core.incoming().onReply(each.id(), new Published(Key.of(0), each.id(), 1, 0)));
        assertThat(servers.answers).hasSize(KEYS);
    }

    @Test
    void aPartForWhichNoAnswerComesIsAskedForAgainAndTakesNobodysTurn() {
        seconds(1);
        assertThat(asked.subList(Homeless.AT_ONCE, asked.size()))
                .hasSize(2 * Homeless.AT_ONCE)
                .containsAll(parts(0, 2 * Homeless.AT_ONCE));
    }

    @Test
    void aWaitForOnesTurnIsNoSilenceWhileServersAnswer() {
        for (int second = 1; second <= 11; second++) {
            core.incoming().located(part(second), "server");
            seconds(second);
        }
        assertThat(failures).hasSizeLessThan(2 * Homeless.AT_ONCE).doesNotContainKey(KEYS - 1L);
    }

    @Test
    void callsThatWaitForTheirTurnEndWithTheOthersWhenNoServerAnswers() {
        for (int second = 1; second <= 10; second++) {
            seconds(second);
        }
        assertThat(failures).containsKeys(0L, KEYS - 1L);
        assertThat(failures.values()).allMatch(failure -> failure.reason() == Reason.SERVER_LOST);
    }

    @Test
    void whatIsGivenUpIsNotAskedForAnyMore() {
        core.close(new KVStoreException(Reason.CLOSED, "closed"));
        assertThat(failures).hasSize(KEYS);
        seconds(1);
        assertThat(asked).hasSize(Homeless.AT_ONCE);
    }
}
