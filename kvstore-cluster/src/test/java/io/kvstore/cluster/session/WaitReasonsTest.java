package io.kvstore.cluster.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.Key;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.Layout;
import io.kvstore.actor.Part;
import io.kvstore.actor.PartCommand.Announce;
import io.kvstore.actor.PartCommand.Probe;
import io.kvstore.actor.PartReply.Held;
import io.kvstore.actor.PartReply.Published;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What calls on a key of one slice wait for, its part played by the test. */
class WaitReasonsTest extends PlayedParts {
    private static final Key KEY = Key.of("w");
    private static final Layout LAYOUT = new Layout(Shape.of(2), DType.FLOAT32, false, 2);
    private static final String PLACE = Part.head(KEY) + " on server server-0: ";

    private final List<Optional<String>> told = new ArrayList<>();

    @BeforeEach
    void aKey() {
        core.init(1, KEY, LAYOUT, value());
        reply(Announce.class, KEY, 0, id -> new Published(KEY, id, 1, 0));
        sent.clear();
    }

    private static Payload value() {
        return Payload.of(DenseTensor.zeros(DType.FLOAT32, LAYOUT.shape()));
    }

    private void push(long call) {
        core.push(call, KEY, 0, value(), false);
    }

    private Optional<String> known(long call) {
        return core.waitReasons().of(call);
    }

    @Test
    void aCallThatIsNotOpenWaitsForNothing() {
        assertThat(known(1)).isEmpty();
    }

    @Test
    void aPartThatWasSentTheRequestHasNotAnswered() {
        push(2);
        assertThat(known(2)).contains(PLACE + "it has not answered");
    }

    @Test
    void aPartThatHoldsTheRequestSaysWhatItWaitsFor() {
        push(2);
        reply(KeyCommand.Push.class, KEY, 0, id -> new Held(KEY, id, "the push of worker 'ben'"));
        assertThat(known(2)).contains(PLACE + "the push of worker 'ben'");
    }

    @Test
    void whoAsksIsToldOnceThePartHasBeenAskedAgain() {
        push(2);
        sent.clear();
        core.waitReasons().ask(2, told::add);
        assertThat(told).isEmpty();
        reply(Probe.class, KEY, 0, id -> new Held(KEY, id, "the push of worker 'ben'"));
        assertThat(told).containsExactly(Optional.of(PLACE + "the push of worker 'ben'"));
    }

    @Test
    void aCallWhoseTurnHasNotComeWaitsForTheOneBeforeIt() {
        push(2);
        push(3);
        push(4);
        assertThat(known(4))
                .contains("it waits for earlier requests of the key, push first: " + PLACE + "it has not answered");
    }

    @Test
    void aCallThatCannotBeSentWaitsForTheSessionToRegisterAgain() {
        core.closed(1, "the coordinator has closed it");
        core.pull(2, KEY, 0);
        assertThat(known(2)).contains("this worker has to register again");
    }

    @Test
    void aPartWithoutAHomeIsLookedFor() {
        PlayedParts lost = new PlayedParts() {
            @Override
            public void locate(Part part) {}
        };
        lost.core.init(1, KEY, LAYOUT, value());
        lost.core.waitReasons().ask(1, told::add);
        assertThat(told).containsExactly(Optional.of("no server has said where " + Part.head(KEY) + " lives"));
    }
}
