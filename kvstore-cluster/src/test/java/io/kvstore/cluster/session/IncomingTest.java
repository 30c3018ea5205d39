package io.kvstore.cluster.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.actor.KeyCommand.Push;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.Layout;
import io.kvstore.actor.PartCommand.Announce;
import io.kvstore.actor.PartCommand.Attach;
import io.kvstore.actor.PartCommand.Join;
import io.kvstore.actor.PartCommand.Probe;
import io.kvstore.actor.PartReply.Attached;
import io.kvstore.actor.PartReply.Held;
import io.kvstore.actor.PartReply.Published;
import io.kvstore.actor.PartReply.Unheld;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What follows for a push of one slice from each kind of answer, its part played by the test. */
class IncomingTest extends PlayedParts {
    private static final Key KEY = Key.of("w");
    private static final Layout LAYOUT = new Layout(Shape.of(2), DType.FLOAT32, false, 2);
    private static final long CALL = 2;

    private long id;

    @BeforeEach
    void aPushOnItsWay() {
        core.init(1, KEY, LAYOUT, value());
        reply(Announce.class, KEY, 0, announce -> new Published(KEY, announce, 1, 0));
        core.push(CALL, KEY, 0, value(), false);
        id = sent.get(0).id();
        sent.clear();
    }

    private static Payload value() {
        return Payload.of(DenseTensor.zeros(DType.FLOAT32, LAYOUT.shape()));
    }

    private void refused(Reason reason) {
        core.incoming().onReply(id, new KeyReply.Refused(KEY, id, reason, "no"));
    }

    private void done() {
        core.incoming().onReply(id, new KeyReply.Done(KEY, id, 1));
    }

    private void millis(long now) {
        core.tick(TimeUnit.MILLISECONDS.toNanos(now));
    }

    @Test
    void theSecondOfTwoAnswersChangesNothing() {
        done();
        KeyReply first = answers.remove(CALL);
        done();
        assertThat(first).isEqualTo(new KeyReply.Done(KEY, 0, 1));
        assertThat(answers).doesNotContainKey(CALL);
    }

    @Test
    void aSilentPartIsAskedWhatBecameOfThePush() {
        millis(1_000);
        assertThat(sent).singleElement().satisfies(asked -> {
            assertThat(asked.id()).isEqualTo(id);
            assertThat(asked.command()).isInstanceOf(Probe.class);
        });
    }

    @Test
    void aPartThatDoesNotHaveThePushGetsItAgain() {
        millis(1_000);
        core.incoming().onReply(id, new Unheld(KEY, id));
        assertThat(commands(Push.class)).hasSize(1);
    }

    @Test
    void aPartThatHoldsThePushIsLeftAloneForLonger() {
        core.incoming().onReply(id, new Held(KEY, id, "others"));
        millis(9_999);
        assertThat(sent).isEmpty();
        millis(10_000);
        assertThat(commands(Probe.class)).hasSize(1);
    }

    @Test
    void aPartThatIsBusyGetsThePushAgainSoon() {
        refused(Reason.BUSY);
        millis(19);
        assertThat(sent).isEmpty();
        millis(20);
        assertThat(commands(Push.class)).hasSize(1);
        assertThat(answers).doesNotContainKey(CALL);
    }

    @Test
    void aWorkerThatHasNotJoinedTakesItsPlaceAndPushesAgain() {
        refused(Reason.NOT_JOINED);
        millis(5_000);
        assertThat(commands(Push.class)).isEmpty();
        reply(Attach.class, KEY, 0, attach -> new Attached(KEY, attach, 3));
        done(Join.class, KEY, 0);
        assertThat(commands(Push.class)).hasSize(1);
    }

    @Test
    void aPartThatHasLostTheKeyTakesItAwayFromItsCalls() {
        refused(Reason.NOT_INITIALIZED);
        assertThat(failures.get(CALL).reason()).isEqualTo(Reason.NOT_INITIALIZED);
        assertThat(failures.get(CALL)).hasMessageContaining("initialise it again");
        core.pull(3, KEY, 0);
        assertThat(((KeyReply.Refused) answers.get(3L)).reason()).isEqualTo(Reason.NOT_INITIALIZED);
    }

    @Test
    void aPartThatKnowsTheIncarnationAsClosedEndsIt() {
        refused(Reason.FENCED);
        assertThat(core.self()).isNull();
        assertThat(failures.get(CALL).reason()).isEqualTo(Reason.FENCED);
    }

    @Test
    void anyOtherRefusalIsTheOutcome() {
        refused(Reason.SHAPE_MISMATCH);
        assertThat(((KeyReply.Refused) answers.get(CALL)).reason()).isEqualTo(Reason.SHAPE_MISMATCH);
    }

    @Test
    void aPushThatDidNotArriveIsSentAgain() {
        core.incoming().lost(id);
        assertThat(commands(Push.class)).hasSize(1);
    }
}
