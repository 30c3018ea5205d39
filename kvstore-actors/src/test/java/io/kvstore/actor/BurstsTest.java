package io.kvstore.actor;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.javadsl.Behaviors;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

/** A thread that helps a dispatcher whose only thread is busy. */
class BurstsTest {
    private static final ActorTestKit testKit =
            ActorTestKit.create(ConfigFactory.parseString("""
            kvstore.dispatcher.fork-join-executor { parallelism-min = 1, parallelism-max = 1 }""").withFallback(ConfigFactory.load()));

    private final TestProbe<String> told = testKit.createTestProbe();
    private final CountDownLatch busy = new CountDownLatch(1);
    private final Bursts bursts = new Bursts();

    @AfterAll
    static void stop() {
        testKit.shutdownTestKit();
    }

    /** After all actors have started, which the dispatcher does as well. */
    private void occupyTheDispatcher() {
        TestProbe<String> ready = testKit.createTestProbe();
        testKit.spawn(
                Behaviors.setup(context -> {
                    ready.ref().tell("begun");
                    busy.await();
                    return Behaviors.empty();
                }),
                DispatcherSelector.fromConfig("kvstore.dispatcher"));
        ready.expectMessage("begun");
    }

    @AfterEach
    void release() {
        busy.countDown();
    }

    private interface Served {
        void on(String message);
    }

    private static ActorRef<String> actor(Served served) {
        return testKit.spawn(
                Behaviors.<String>receive((context, message) -> {
                    served.on(message);
                    return Behaviors.same();
                }),
                DispatcherSelector.fromConfig("kvstore.dispatcher"));
    }

    /** Actors that tell which thread serves them. */
    private List<ActorRef<String>> actors(int count) {
        return IntStream.range(0, count)
                .mapToObj(i ->
                        actor(message -> told.ref().tell(Thread.currentThread().getName())))
                .toList();
    }

    private void send(List<ActorRef<String>> actors) {
        occupyTheDispatcher();
        BurstExecutor.together(() -> actors.forEach(actor -> actor.tell("message")), bursts);
    }

    @Test
    void whoWaitsDoesWhatNobodyHasBegun() {
        send(actors(1000));
        bursts.help(() -> false);
        assertThat(told.receiveSeveralMessages(1000))
                .containsOnly(Thread.currentThread().getName());
    }

    @Test
    void whatTheDispatcherHasDoneIsNotDoneAgain() {
        List<ActorRef<String>> actors = actors(100);
        send(actors);
        bursts.help(() -> false);
        busy.countDown();
        told.receiveSeveralMessages(100);
        bursts.help(() -> false);
        told.expectNoMessage(Duration.ofMillis(50));
    }

    @Test
    void whoseWaitIsOverDoesNoMore() {
        send(actors(100));
        bursts.help(() -> true);
        told.expectNoMessage(Duration.ZERO);
        busy.countDown();
        assertThat(told.receiveSeveralMessages(100))
                .doesNotContain(Thread.currentThread().getName());
    }

    @Test
    void anInterruptionEndsTheHelpAndIsKeptForTheThread() {
        send(actors(100));
        Thread.currentThread().interrupt();
        bursts.help(() -> false);
        assertThat(Thread.interrupted()).isTrue();
        told.expectNoMessage(Duration.ZERO);
    }

    @Test
    void anInterruptionOfTheHelpLosesNoMessage() {
        Thread caller = Thread.currentThread();
        ActorRef<String> first = actor(message -> caller.interrupt());
        List<ActorRef<String>> others = actors(20);
        occupyTheDispatcher();
        BurstExecutor.together(
                () -> {
                    first.tell("message");
                    others.forEach(actor -> actor.tell("message"));
                    others.forEach(actor -> actor.tell("message"));
                },
                bursts);
        bursts.help(() -> false);
        assertThat(Thread.interrupted()).isTrue();
        busy.countDown();
        told.receiveSeveralMessages(40);
    }

    @Test
    void theCallersDiagnosticContextIsItsOwn() {
        ActorRef<String> logs = testKit.spawn(
                Behaviors.<String>receive((context, message) -> {
                    context.getLog().info("a message");
                    return Behaviors.same();
                }),
                DispatcherSelector.fromConfig("kvstore.dispatcher"));
        ActorRef<String> other = actors(1).get(0);
        occupyTheDispatcher();
        MDC.put("request", "7");
        try {
            BurstExecutor.together(
                    () -> {
                        logs.tell("message");
                        other.tell("message");
                    },
                    bursts);
            bursts.help(() -> false);
            assertThat(MDC.getCopyOfContextMap()).containsOnlyKeys("request");
        } finally {
            MDC.clear();
        }
    }

    /** As if the dispatcher had run it: there, Akka ends the actor system after an error that a JVM does not survive. */
    @Test
    void anErrorThatNoActorMayHandleIsForTheDispatchersThread() {
        List<String> ran = new ArrayList<>();
        Queue<Runnable> pool = new ArrayDeque<>();
        Error fatal = new OutOfMemoryError("as the test wants");
        Bursts.Work work = new Bursts.Work(
                pool::add,
                List.of(
                        () -> {
                            throw fatal;
                        },
                        () -> ran.add("the next")));
        work.run();
        work.run();
        assertThat(ran).containsExactly("the next");
        assertThat(pool).hasSize(1);
        Thread thread = Thread.currentThread();
        Thread.UncaughtExceptionHandler before = thread.getUncaughtExceptionHandler();
        List<Throwable> uncaught = new ArrayList<>();
        thread.setUncaughtExceptionHandler((its, failure) -> uncaught.add(failure));
        try {
            pool.remove().run();
        } finally {
            thread.setUncaughtExceptionHandler(before);
        }
        assertThat(uncaught).containsExactly(fatal);
    }
}
