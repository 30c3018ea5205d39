package io.kvstore.examples.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import io.kvstore.KVStore;
import io.kvstore.KVStoreSettings;
import io.kvstore.Reason;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.StoreActor;
import io.kvstore.tensor.DenseTensor;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * How to test an actor that talks to a store, in both ways: with the real store, and with probes in its place, which can
 * answer what a real store answers rarely.
 */
class AveragerTest {
    private static ActorTestKit testKit;

    private final TestProbe<Averager.Answer> user = testKit.createTestProbe();
    private final ActorRef<StoreActor.Command> store = testKit.spawn(
            StoreActor.create(KVStoreSettings.of(testKit.system().settings().config())));
    private final TestProbe<StoreActor.Command> storeProbe = testKit.createTestProbe();
    private final TestProbe<KeyCommand> key = testKit.createTestProbe();

    @BeforeAll
    static void start() {
        testKit = ActorTestKit.create();
    }

    @AfterAll
    static void stop() {
        testKit.shutdownTestKit();
    }

    @AfterEach
    void stopStore() {
        testKit.stop(store, Duration.ofSeconds(10));
    }

    // With the real store: what comes out.

    @Test
    void theMeanIsOfAllReadings() {
        ActorRef<Averager.Command> averager = testKit.spawn(Averager.create(store, 2));

        averager.tell(new Averager.Add(reading(1, 10), user.getRef()));
        averager.tell(new Averager.Add(reading(2, 40), user.getRef()));
        averager.tell(new Averager.GetMean(user.getRef()));

        user.expectMessage(new Averager.Added(1));
        user.expectMessage(new Averager.Added(2));
        user.expectMessage(new Averager.Mean(List.of(1.5f, 25f), 2));
    }

    @Test
    void aReadingOfAnotherWidthIsRejectedAndCountsForNothing() {
        ActorRef<Averager.Command> averager = testKit.spawn(Averager.create(store, 2));

        averager.tell(new Averager.Add(reading(1, 2, 3), user.getRef()));
        averager.tell(new Averager.GetMean(user.getRef()));

        user.expectMessage(new Averager.Rejected(Reason.SHAPE_MISMATCH, "push expects shape (2,), given (3,)"));
        user.expectMessage(new Averager.Mean(List.of(0f, 0f), 0));
    }

    @Test
    void twoAveragersOverOneStoreShareTheKey() {
        ActorRef<Averager.Command> first = testKit.spawn(Averager.create(store, 1));
        first.tell(new Averager.Add(reading(1), user.getRef()));
        user.expectMessage(new Averager.Added(1));

        ActorRef<Averager.Command> second = testKit.spawn(Averager.create(store, 1));
        second.tell(new Averager.Add(reading(3), user.getRef()));
        second.tell(new Averager.GetMean(user.getRef()));

        user.expectMessage(new Averager.Added(2));
        user.expectMessage(new Averager.Mean(List.of(2f), 2));
    }

    @Test
    void aKVStoreOverTheSameActorSeesTheSameKey() {
        ActorRef<Averager.Command> averager = testKit.spawn(Averager.create(store, 2));
        averager.tell(new Averager.Add(reading(1, 10), user.getRef()));
        user.expectMessage(new Averager.Added(1));

        try (KVStore kv = KVStore.of(store, testKit.system())) {
            assertThat(kv.pull(Averager.TOTAL).toFloatVector()).containsExactly(1, 10);
            kv.push(Averager.TOTAL, reading(2, 20).toINDArray());
        }

        averager.tell(new Averager.GetMean(user.getRef()));
        user.expectMessage(new Averager.Mean(List.of(1.5f, 15f), 2));
    }

    @Test
    void anAveragerEndsWithItsStore() {
        ActorRef<Averager.Command> averager = testKit.spawn(Averager.create(store, 2));

        store.tell(new StoreActor.Stop());

        user.expectTerminated(averager);
    }

    // With probes in place of the store and the key: what is said, and what follows from each answer.

    /** An averager that has found the key, which has been told {@link KeyCommand.Init} and has not answered. */
    private ActorRef<Averager.Command> averagerThatInitialises() {
        ActorRef<Averager.Command> averager = testKit.spawn(Averager.create(storeProbe.getRef(), 2));
        storeProbe.expectMessageClass(StoreActor.SetRule.class);
        StoreActor.Find find = storeProbe.expectMessageClass(StoreActor.Find.class);
        find.replyTo().tell(new StoreActor.Found(find.key(), key.getRef()));
        return averager;
    }

    private ActorRef<Averager.Command> readyAverager() {
        ActorRef<Averager.Command> averager = averagerThatInitialises();
        KeyCommand.Init init = key.expectMessageClass(KeyCommand.Init.class);
        init.replyTo().tell(new KeyReply.Done(Averager.TOTAL, init.id(), 0));
        return averager;
    }

    @Test
    void theKeyIsAskedForByNameAndInitialisedWithZeros() {
        averagerThatInitialises();

        KeyCommand.Init init = key.expectMessageClass(KeyCommand.Init.class);

        assertThat(init.value()).isEqualTo(reading(0, 0));
    }

    @Test
    void readingsWaitUntilTheKeyIsThere() {
        ActorRef<Averager.Command> averager = averagerThatInitialises();
        averager.tell(new Averager.Add(reading(1, 2), user.getRef()));
        KeyCommand.Init init = key.expectMessageClass(KeyCommand.Init.class);
        key.expectNoMessage(Duration.ofMillis(100));

        init.replyTo().tell(new KeyReply.Done(Averager.TOTAL, init.id(), 0));

        assertThat(key.expectMessageClass(KeyCommand.Push.class).gradients()).containsExactly(reading(1, 2));
    }

    @Test
    void answersGoToWhoeverAskedWhateverTheirOrder() {
        TestProbe<Averager.Answer> other = testKit.createTestProbe();
        ActorRef<Averager.Command> averager = readyAverager();
        averager.tell(new Averager.Add(reading(1, 2), user.getRef()));
        averager.tell(new Averager.Add(reading(3, 4), other.getRef()));
        KeyCommand.Push first = key.expectMessageClass(KeyCommand.Push.class);
        KeyCommand.Push second = key.expectMessageClass(KeyCommand.Push.class);

        second.replyTo().tell(new KeyReply.Done(Averager.TOTAL, second.id(), 2));
        first.replyTo().tell(new KeyReply.Done(Averager.TOTAL, first.id(), 1));

        other.expectMessage(new Averager.Added(2));
        user.expectMessage(new Averager.Added(1));
    }

    @Test
    void aBusyKeyIsReportedToWhoeverAsked() {
        ActorRef<Averager.Command> averager = readyAverager();
        averager.tell(new Averager.GetMean(user.getRef()));
        KeyCommand.Pull pull = key.expectMessageClass(KeyCommand.Pull.class);

        pull.replyTo().tell(new KeyReply.Refused(Averager.TOTAL, pull.id(), Reason.BUSY, "try again"));

        user.expectMessage(new Averager.Rejected(Reason.BUSY, "try again"));
    }

    @Test
    void aKeyThatCannotBeInitialisedEndsTheAverager() {
        ActorRef<Averager.Command> averager = averagerThatInitialises();
        KeyCommand.Init init = key.expectMessageClass(KeyCommand.Init.class);

        init.replyTo()
                .tell(new KeyReply.Refused(
                        Averager.TOTAL, init.id(), Reason.MIXED_KEY_KINDS, "this store holds integer keys"));

        user.expectTerminated(averager);
    }

    private static DenseTensor reading(float... values) {
        return DenseTensor.of(values);
    }
}
