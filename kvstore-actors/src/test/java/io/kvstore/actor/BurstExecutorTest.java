package io.kvstore.actor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.javadsl.Behaviors;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Actors that are handed to their dispatcher together. */
class BurstExecutorTest {
    private static final ActorTestKit testKit = ActorTestKit.create();

    private final TestProbe<String> told = testKit.createTestProbe();

    @AfterAll
    static void stop() {
        testKit.shutdownTestKit();
    }

    private ActorRef<String> echo() {
        Behavior<String> echo = Behaviors.receiveMessage(message -> {
            if (message.equals("fail")) {
                throw new IllegalStateException("as the test wants");
            }
            told.ref().tell(message);
            return Behaviors.same();
        });
        return testKit.spawn(echo, DispatcherSelector.fromConfig("kvstore.dispatcher"));
    }

    private List<ActorRef<String>> echoes(int count) {
        List<ActorRef<String>> actors = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            actors.add(echo());
        }
        return actors;
    }

    @Test
    void everyActorGetsWhatWasSentTogether() {
        List<ActorRef<String>> actors = echoes(1000);
        BurstExecutor.together(() -> actors.forEach(actor -> actor.tell("together")));
        assertThat(told.receiveSeveralMessages(1000)).containsOnly("together");
    }

    @Test
    void oneActorGetsMessagesInTheOrderInWhichTheyWereToldTogetherAndAfterwards() {
        ActorRef<String> actor = echo();
        for (int round = 0; round < 100; round++) {
            BurstExecutor.together(() -> {
                actor.tell("1");
                actor.tell("2");
            });
            actor.tell("3");
            assertThat(told.receiveSeveralMessages(3)).containsExactly("1", "2", "3");
        }
    }

    @Test
    void whatWasSentBeforeAWaitLeavesWhenToldTo() {
        ActorRef<String> actor = echo();
        BurstExecutor.together(() -> {
            actor.tell("early");
            BurstExecutor.depart();
            told.expectMessage("early");
        });
    }

    @Test
    void whatWasSentBeforeAFailureLeaves() {
        ActorRef<String> actor = echo();
        assertThatThrownBy(() -> BurstExecutor.together(() -> {
                    actor.tell("before");
                    throw new IllegalStateException("as the test wants");
                }))
                .isInstanceOf(IllegalStateException.class);
        told.expectMessage("before");
    }

    @Test
    void anActorThatFailsKeepsNoOtherFromItsMessage() {
        List<ActorRef<String>> actors = echoes(50);
        BurstExecutor.together(() -> {
            for (int i = 0; i < actors.size(); i++) {
                actors.get(i).tell(i % 2 == 0 ? "fail" : "served");
            }
        });
        assertThat(told.receiveSeveralMessages(25)).containsOnly("served");
    }

    @Test
    void togetherWithinTogetherLeavesWithTheOuterOne() {
        ActorRef<String> actor = echo();
        BurstExecutor.together(() -> {
            BurstExecutor.together(() -> actor.tell("inner"));
            actor.tell("outer");
        });
        assertThat(told.receiveSeveralMessages(2)).containsExactly("inner", "outer");
    }
}
