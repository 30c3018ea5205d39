package io.kvstore.cluster.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyConfig;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.Layout;
import io.kvstore.actor.OptimizerState;
import io.kvstore.actor.Part;
import io.kvstore.actor.PartCommand.Announce;
import io.kvstore.actor.PartCommand.EndLoad;
import io.kvstore.actor.PartCommand.Gather;
import io.kvstore.actor.PartCommand.Load;
import io.kvstore.actor.PartCommand.Publish;
import io.kvstore.actor.PartCommand.Stage;
import io.kvstore.actor.PartReply.Gathered;
import io.kvstore.actor.PartReply.Give;
import io.kvstore.actor.PartReply.Published;
import io.kvstore.actor.PartReply.Unheld;
import io.kvstore.optimizer.StateForm;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.Dense;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Saving and loading of states as a session does it, its parts played by the test. */
class StatesOperationsTest extends PlayedParts {
    private static final StateForm FORM = new StateForm("adam", 2, false);
    private static final Key A = Key.of("a");
    private static final Key B = Key.of("b");
    private static final int PIECE = 8; // bytes: two floats

    @BeforeEach
    void twoKeysOfTwoSlicesOfThreeElements() {
        for (Key key : List.of(A, B)) {
            Layout layout = new Layout(Shape.of(6), DType.FLOAT32, false, 3);
            core.init(0, key, layout, Payload.of(DenseTensor.zeros(DType.FLOAT32, Shape.of(6))));
            reply(Announce.class, key, 0, id -> new Give(key, id, 5, List.of()));
            reply(Load.class, key, 1, id -> new KeyReply.Done(key, id, 0));
            reply(Publish.class, key, 0, id -> new Published(key, id, 5, 0));
        }
        sent.clear();
        answers.clear();
    }

    private void replyAll(Class<? extends KeyCommand> kind) {
        for (Key key : List.of(A, B)) {
            done(kind, key, 0);
            done(kind, key, 1);
        }
    }

    private OptimizerState state() {
        return new OptimizerState(
                FORM,
                Shape.of(6),
                DType.FLOAT32,
                4,
                List.of(
                        pool.copyOf(DenseTensor.of(new float[] {1, 2, 3, 4, 5, 6})),
                        pool.copyOf(DenseTensor.of(new float[] {-1, -2, -3, -4, -5, -6}))));
    }

    private void load() {
        core.load(List.of(new SessionCore.Restoring(1, A, state()), new SessionCore.Restoring(2, B, state())), PIECE);
    }

    @Test
    void noStateIsTakenUpBeforeEveryPartOfEveryKeyHasItsPieces() {
        load();
        assertThat(done(Stage.class, A, 0)).isEqualTo(2 * 2); // of two states two pieces each
        done(Stage.class, A, 1);
        done(Stage.class, B, 0);
        assertThat(commands(EndLoad.class)).isEmpty();
        done(Stage.class, B, 1);
        assertThat(commands(EndLoad.class)).hasSize(4).allMatch(EndLoad::adopt);
        done(EndLoad.class, A, 0);
        done(EndLoad.class, A, 1);
        assertThat(answers.keySet()).containsExactly(1L);
        done(EndLoad.class, B, 0);
        done(EndLoad.class, B, 1);
        assertThat(answers.values()).hasSize(2).allMatch(KeyReply.Done.class::isInstance);
    }

    @Test
    void piecesAreThoseOfTheSlice() {
        load();
        Stage last = (Stage) sent.stream()
                .filter(each -> each.part().equals(new Part(B, 1)))
                .reduce((first, second) -> second)
                .orElseThrow()
                .command();
        assertThat(last.state()).isEqualTo(1);
        assertThat(last.from()).isEqualTo(2);
        assertThat(last.updates()).isEqualTo(4);
        assertThat(pool.copyOf((Dense) last.piece())).isEqualTo(DenseTensor.of(new float[] {-6}));
    }

    @Test
    void ifOnePartRefusesNoKeyIsChanged() {
        load();
        done(Stage.class, A, 0);
        done(Stage.class, A, 1);
        reply(Stage.class, B, 1, id -> new KeyReply.Refused(B, id, Reason.STATE_MISMATCH, "no"));
        assertThat(commands(EndLoad.class)).hasSize(4).noneMatch(EndLoad::adopt);
        assertThat(answers.values())
                .hasSize(2)
                .allSatisfy(
                        reply -> assertThat(((KeyReply.Refused) reply).reason()).isEqualTo(Reason.STATE_MISMATCH));
        done(Stage.class, B, 0); // what comes late changes nothing
        assertThat(commands(EndLoad.class)).noneMatch(EndLoad::adopt);
    }

    @Test
    void ifAServerIsLostBeforeAllIsThereNoKeyIsChanged() {
        load();
        done(Stage.class, A, 0);
        done(Stage.class, A, 1);
        core.incoming().dead("server-1");
        assertThat(failures.get(2L).reason()).isEqualTo(Reason.SERVER_LOST);
        assertThat(answers.get(1L)).isInstanceOf(KeyReply.Refused.class);
        assertThat(commands(EndLoad.class)).isNotEmpty().noneMatch(EndLoad::adopt);
    }

    @Test
    void aPartThatLostItsPiecesGetsThemAgain() {
        load();
        replyAll(Stage.class);
        reply(EndLoad.class, A, 1, id -> new Unheld(A, id));
        assertThat(done(Stage.class, A, 1)).isEqualTo(4);
        replyAll(EndLoad.class);
        assertThat(answers.values()).hasSize(2).allMatch(KeyReply.Done.class::isInstance);
    }

    private static Gathered piece(
            long id, long version, long updates, long number, int state, int from, boolean last, float... elements) {
        Dense piece = elements.length == 0 ? null : DenseTensor.of(elements);
        return new Gathered(A, id, FORM, version, updates, number, state, from, piece, last);
    }

    private void gather() {
        core.gather(3, A, KeyConfig.ASSIGN, PIECE);
    }

    private void wholeSlice(int slice, long version, long updates, float... states) {
        reply(Gather.class, A, slice, id -> {
            core.incoming()
                    .onReply(id, piece(id, version, updates, version, 0, 0, false, states[0], states[1], states[2]));
            return piece(id, version, updates, version, 1, 0, true, states[3], states[4], states[5]);
        });
    }

    private OptimizerState gathered() {
        return ((KeyReply.States) answers.get(3L)).state();
    }

    @Test
    void aSliceThatLagsIsAskedAgain() {
        gather();
        wholeSlice(0, 2, 2, 1, 2, 3, 4, 5, 6);
        wholeSlice(1, 1, 1, 0, 0, 0, 0, 0, 0);
        assertThat(answers).isEmpty();
        assertThat(commands(Gather.class))
                .singleElement()
                .satisfies(each -> assertThat(each.reading().minVersion()).isEqualTo(2));
        wholeSlice(1, 2, 2, 7, 8, 9, 10, 11, 12);
        assertThat(gathered().updates()).isEqualTo(2);
        assertThat(gathered().states())
                .containsExactly(
                        DenseTensor.of(new float[] {1, 2, 3, 7, 8, 9}),
                        DenseTensor.of(new float[] {4, 5, 6, 10, 11, 12}));
    }

    @Test
    void aSliceThatNoUpdateReachedIsAskedForTheStatesItWouldStartFrom() {
        gather();
        wholeSlice(0, 2, 2, 1, 2, 3, 4, 5, 6);
        reply(Gather.class, A, 1, id -> piece(id, 2, 0, 1, 0, 0, true));
        assertThat(commands(Gather.class))
                .singleElement()
                .satisfies(each -> assertThat(each.made()).isTrue());
        wholeSlice(1, 2, 0, 0, 0, 0, 0, 0, 0);
        assertThat(gathered().updates()).isEqualTo(2);
        assertThat(gathered().states().get(1)).isEqualTo(DenseTensor.of(new float[] {4, 5, 6, 0, 0, 0}));
    }

    @Test
    void aKeyWithoutUpdatesHasNoStates() {
        gather();
        reply(Gather.class, A, 0, id -> piece(id, 0, 0, 1, 0, 0, true));
        reply(Gather.class, A, 1, id -> piece(id, 0, 0, 1, 0, 0, true));
        assertThat(gathered()).isEqualTo(OptimizerState.fresh(FORM, Shape.of(6), DType.FLOAT32));
    }

    @Test
    void piecesThatWereLostAreAskedForAndThoseOfTwoMomentsAreNotMixed() {
        gather();
        wholeSlice(0, 2, 2, 1, 2, 3, 4, 5, 6);
        reply(Gather.class, A, 1, id -> piece(id, 2, 2, 1, 1, 0, true, 9, 9, 9)); // the first was lost
        assertThat(answers).isEmpty();
        reply(Gather.class, A, 1, id -> {
            core.incoming().onReply(id, piece(id, 2, 2, 2, 0, 0, false, 8, 8, 8));
            return piece(id, 2, 2, 3, 1, 0, true, 9, 9, 9); // of a third moment
        });
        assertThat(answers).isEmpty();
        wholeSlice(1, 2, 2, 7, 8, 9, 10, 11, 12);
        assertThat(gathered().states().get(0)).isEqualTo(DenseTensor.of(new float[] {1, 2, 3, 7, 8, 9}));
    }

    @Test
    void statesOfTwoOptimizersAreRefused() {
        gather();
        wholeSlice(0, 2, 2, 1, 2, 3, 4, 5, 6);
        reply(Gather.class, A, 1, id -> new Gathered(A, id, new StateForm("sgd", 0, false), 2, 2, 1, 0, 0, null, true));
        assertThat(((KeyReply.Refused) answers.get(3L)).reason()).isEqualTo(Reason.STATE_MISMATCH);
        assertThat(pool.liveBytes()).isZero();
    }
}
