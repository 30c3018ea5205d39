package io.kvstore.actor;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import com.typesafe.config.ConfigFactory;
import io.kvstore.KVStoreSettings;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.optimizer.StateForm;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import io.kvstore.tensor.Tensor;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an optimizer remembers of a part, given and taken in pieces; and what a parked read is told. */
@Timeout(60)
class PartStatesTest {
    private static final ActorTestKit kit = TestKits.create();
    private static final Key KEY = Key.of("w");
    private static final Optimizer ADAM = Optimizer.adam().build();
    private static final StateForm FORM = ADAM.stateForm();

    private final PartStore store = new PartStore(
            "dist_sync",
            KVStoreSettings.of(ConfigFactory.load()),
            new RoundTerms(true, true, false, 1 << 20),
            () -> 1,
            (to, mail) -> {},
            Duration.ofSeconds(10));
    private final TestProbe<KeyReply> probe = kit.createTestProbe();
    private ActorRef<KeyCommand> key;
    private Origin anna;

    @AfterAll
    static void stop() {
        kit.shutdownTestKit();
    }

    @BeforeEach
    void aKeyOfFourElementsAndTwoWorkers() {
        store.configure(new KeyConfig(1, ADAM, null));
        members(new Member("anna", 1, 0), new Member("ben", 2, 1));
        Part part = Part.head(KEY);
        key = kit.spawn(store.behavior(part));
        store.register(part, key);
        Layout layout = Layout.whole(Shape.of(4), DType.FLOAT32, false);
        tell(new PartCommand.Announce(layout, value(1), new Origin("anna", 1, 0, 1, 0), 1, 1, probe.ref()));
        long generation = expect(PartReply.Published.class).generation();
        anna = new Origin("anna", 1, generation, 0, 1);
    }

    private int epoch;

    private void members(Member... members) {
        store.membership(new Membership(++epoch, 2, List.of(members), Set.of()));
    }

    private DenseTensor value(float each) {
        return store.pool().copyOf(DenseTensor.of(new float[] {each, each, each, each}));
    }

    private void tell(KeyCommand command) {
        key.tell(command);
    }

    private <T extends KeyReply> T expect(Class<T> type) {
        return probe.expectMessageClass(type);
    }

    private void refused(Reason reason) {
        assertThat(expect(KeyReply.Refused.class).reason()).isEqualTo(reason);
    }

    private void stage(long load, StateForm form, long updates, int state, int from, Tensor piece) {
        tell(new PartCommand.Stage(anna, load, form, updates, state, from, piece, 2, probe.ref()));
    }

    private void end(long load, boolean adopt) {
        tell(new PartCommand.EndLoad(anna, load, adopt, 3, probe.ref()));
    }

    private void gather(boolean made) {
        tell(new PartCommand.Gather(new Reading(anna, 0), made, 12, 4, probe.ref()));
    }

    private void stageAll(long load) {
        for (int state = 0; state < 2; state++) {
            stage(load, FORM, 7, state, 0, value(state + 1));
            expect(KeyReply.Done.class);
        }
    }

    private long bytes() {
        return store.pool().liveBytes();
    }

    @Test
    void stagedStatesAreGivenAgainInPiecesOnceTheyAreTakenUp() {
        long before = bytes();
        stageAll(1);
        gather(false);
        assertThat(expect(PartReply.Gathered.class).piece()).isNull(); // nothing is taken up yet
        end(1, true);
        expect(KeyReply.Done.class);
        end(1, true); // once more
        expect(KeyReply.Done.class);
        gather(false);
        for (int state = 0; state < 2; state++) {
            for (int from : new int[] {0, 3}) {
                PartReply.Gathered piece = expect(PartReply.Gathered.class);
                assertThat(piece.state()).isEqualTo(state);
                assertThat(piece.from()).isEqualTo(from);
                assertThat(piece.updates()).isEqualTo(7);
                assertThat(piece.piece().length()).isEqualTo(from == 0 ? 3 : 1);
                assertThat(piece.isLast()).isEqualTo(state == 1 && from == 3);
                piece.release();
            }
        }
        assertThat(bytes()).isEqualTo(before + 2 * 16);
    }

    @Test
    void aLoadThatIsNotWholeIsNotTakenUp() {
        end(1, true);
        expect(PartReply.Unheld.class);
        stage(1, FORM, 7, 0, 0, value(1));
        expect(KeyReply.Done.class);
        stage(1, FORM, 7, 0, 0, value(1)); // once more
        expect(KeyReply.Done.class);
        end(1, true);
        expect(PartReply.Unheld.class);
        stage(1, FORM, 7, 0, 0, null);
        expect(KeyReply.Done.class);
        stage(1, FORM, 7, 1, 0, null);
        expect(PartReply.Unheld.class);
        gather(false);
        assertThat(expect(PartReply.Gathered.class).piece()).isNull();
    }

    @Test
    void whatIsGivenUpOrReplacedOrOfAWorkerThatIsGoneIsHeldNoLonger() {
        long before = bytes();
        stageAll(1);
        end(1, false);
        expect(KeyReply.Done.class);
        assertThat(bytes()).isEqualTo(before);
        stageAll(2);
        stageAll(3);
        end(2, true);
        expect(PartReply.Unheld.class);
        stage(2, FORM, 7, 0, 0, value(1)); // comes late
        expect(KeyReply.Done.class);
        members(new Member("ben", 2, 1));
        end(3, true);
        refused(Reason.FENCED);
        assertThat(bytes()).isEqualTo(before);
    }

    @Test
    void statesThatDoNotFitAreRefusedAndNothingIsHeld() {
        long before = bytes();
        stage(1, new StateForm("adam", 2, true), 7, 0, 0, value(1));
        refused(Reason.STATE_MISMATCH);
        stage(1, FORM, 7, 2, 0, value(1));
        refused(Reason.STATE_MISMATCH);
        stage(1, FORM, 7, 0, 1, value(1));
        refused(Reason.STATE_MISMATCH);
        stage(1, FORM, 7, 0, -1, value(1));
        refused(Reason.STATE_MISMATCH);
        stage(1, FORM, -1, 0, 0, value(1));
        refused(Reason.STATE_MISMATCH);
        stage(1, FORM, 0, 0, 0, value(1));
        refused(Reason.STATE_MISMATCH);
        stage(1, FORM, 7, 0, 0, DenseTensor.of(new double[] {1, 2, 3, 4}));
        refused(Reason.STATE_MISMATCH);
        assertThat(bytes()).isEqualTo(before);
    }

    @Test
    void aPartThatHasNotHeardOfTheConfigurationIsBusy() {
        anna = new Origin("anna", 1, anna.generation(), 0, 2);
        stage(1, FORM, 7, 0, 0, value(1));
        refused(Reason.BUSY);
        gather(false);
        refused(Reason.BUSY);
    }

    @Test
    void withoutUpdatesTheStatesThatTheFirstWouldStartFromAreMadeOnRequest() {
        gather(true);
        for (int piece = 0; piece < 4; piece++) {
            PartReply.Gathered each = expect(PartReply.Gathered.class);
            assertThat(each.updates()).isZero();
            assertThat(each.piece()).isNotNull();
            each.release();
        }
        gather(false);
        assertThat(expect(PartReply.Gathered.class).piece()).isNull();
    }

    @Test
    void aParkedReadIsToldForWhomItWaitsAndOneThatNeverCameToComeAgain() {
        Reading reading = new Reading(anna, 1);
        tell(new PartCommand.ProbeRead(reading, 5, probe.ref()));
        expect(PartReply.Unheld.class);
        tell(new KeyCommand.Pull(reading, 6, probe.ref()));
        tell(new PartCommand.ProbeRead(reading, 7, probe.ref()));
        assertThat(expect(PartReply.Held.class).waitingFor()).contains("nobody has pushed to round 1");
        tell(new KeyCommand.Push(List.of(value(1)), new Origin("anna", 1, anna.generation(), 1, 1), 8, probe.ref()));
        tell(new PartCommand.ProbeRead(reading, 9, probe.ref()));
        assertThat(expect(PartReply.Held.class).waitingFor()).isEqualTo("round 1 waits for worker 'ben' (rank 1)");
    }
}
