package io.kvstore.cluster.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.Layout;
import io.kvstore.actor.PartCommand.Announce;
import io.kvstore.actor.PartCommand.Describe;
import io.kvstore.actor.PartCommand.Forget;
import io.kvstore.actor.PartCommand.Load;
import io.kvstore.actor.PartCommand.Publish;
import io.kvstore.actor.PartReply.Described;
import io.kvstore.actor.PartReply.Give;
import io.kvstore.actor.PartReply.Published;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A second init by a worker that knows the key, and cannot know whether it is still there. */
class InitOperationTest extends PlayedParts {
    private static final Key KEY = Key.of("w");
    private static final Layout LAYOUT = new Layout(Shape.of(6), DType.FLOAT32, false, 3);
    private static final long FIRST_LIFE = 5;
    private static final long NEXT_LIFE = 6;

    @BeforeEach
    void aKeyOfTwoSlices() {
        init(1);
        make(FIRST_LIFE);
        assertThat(answers.get(1L)).isInstanceOf(KeyReply.Done.class);
    }

    private void init(long call) {
        core.init(call, KEY, LAYOUT, Payload.of(DenseTensor.zeros(DType.FLOAT32, LAYOUT.shape())));
    }

    private void make(long generation) {
        reply(Announce.class, KEY, 0, id -> new Give(KEY, id, generation, List.of()));
        done(Load.class, KEY, 1);
        reply(Publish.class, KEY, 0, id -> new Published(KEY, id, generation, 0));
    }

    private int there(int slice, Layout layout, long generation) {
        return reply(Describe.class, KEY, slice, id -> new Described(KEY, id, layout, generation, 0));
    }

    private int refuse(Class<? extends KeyCommand> kind, int slice, Reason reason) {
        return reply(kind, KEY, slice, id -> new KeyReply.Refused(KEY, id, reason, "no"));
    }

    private Reason refusal(long call) {
        return ((KeyReply.Refused) answers.get(call)).reason();
    }

    @Test
    void aKeyThatLostASliceIsMadeAnewThoughItsHeadIsThere() {
        init(2);
        there(0, LAYOUT, FIRST_LIFE);
        assertThat(commands(Announce.class)).isEmpty();
        refuse(Describe.class, 1, Reason.NOT_INITIALIZED);
        assertThat(commands(Forget.class)).hasSize(2).allMatch(forget -> forget.generation() == FIRST_LIFE);
        assertThat(commands(Announce.class))
                .singleElement()
                .satisfies(
                        announce -> assertThat(announce.origin().generation()).isEqualTo(FIRST_LIFE));
        make(NEXT_LIFE);
        assertThat(answers.get(2L)).isInstanceOf(KeyReply.Done.class);
    }

    @Test
    void aKeyThatIsWholeIsNotMadeAnew() {
        init(2);
        there(0, LAYOUT, FIRST_LIFE);
        there(1, LAYOUT, FIRST_LIFE);
        refuse(Announce.class, 0, Reason.ALREADY_INITIALIZED);
        assertThat(refusal(2)).isEqualTo(Reason.ALREADY_INITIALIZED);
        assertThat(commands(Forget.class)).isEmpty();
    }

    @Test
    void aKeyThatAnInitWithoutAnOutcomeMadeIsTakenByTheNextInit() {
        anInitThatWaitsAtItsHeadLosesItsServer();
        init(3);
        refuse(Announce.class, 0, Reason.ALREADY_INITIALIZED);
        there(0, LAYOUT, NEXT_LIFE);
        assertThat(answers.get(3L)).isInstanceOf(KeyReply.Done.class);
    }

    @Test
    void aKeyOfAnotherShapeIsNotTaken() {
        anInitThatWaitsAtItsHeadLosesItsServer();
        init(3);
        refuse(Announce.class, 0, Reason.ALREADY_INITIALIZED);
        there(0, new Layout(Shape.of(4), DType.FLOAT32, false, 3), NEXT_LIFE);
        assertThat(refusal(3)).isEqualTo(Reason.ALREADY_INITIALIZED);
    }

    private void anInitThatWaitsAtItsHeadLosesItsServer() {
        init(2);
        refuse(Describe.class, 0, Reason.NOT_INITIALIZED); // another life of its server
        assertThat(commands(Announce.class)).hasSize(1);
        sent.clear();
        core.incoming().dead("server-0");
        assertThat(failures.get(2L).reason()).isEqualTo(Reason.SERVER_LOST);
        sent.clear();
    }
}
