package io.kvstore.examples.benchmarks.jmh;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.Props;
import akka.actor.typed.javadsl.AskPattern;
import akka.actor.typed.javadsl.Behaviors;
import com.typesafe.config.ConfigFactory;
import io.kvstore.KVStoreSettings;
import io.kvstore.Key;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.StoreActor;
import io.kvstore.tensor.DenseTensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Push and pull as messages to real key actors: one key and the time until its value is here, and {@value #KEYS} keys at once,
 * time per key. The baselines send a message of the same size to actors that only answer, and so show what Akka itself takes.
 *
 * <p>{@code ./mvnw -q compile exec:exec -pl examples/benchmarks -am -Dmain.class=org.openjdk.jmh.Main
 * -Dargs=KeyActorBenchmark}
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class KeyActorBenchmark {
    private static final int KEYS = 1000;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Param({"16", "4096"})
    public int length;

    private final Semaphore answers = new Semaphore(0);
    private DenseTensor gradient;
    private ActorSystem<StoreActor.Command> store;
    private ActorSystem<Void> bare;
    private List<ActorRef<KeyCommand>> keys;
    private List<ActorRef<KeyCommand>> echoes;
    private ActorRef<KeyReply> toStore;
    private ActorRef<KeyReply> toBare;

    @Setup
    public void start() throws InterruptedException {
        gradient = Samples.tensor(length);
        store = ActorSystem.create(StoreActor.create(KVStoreSettings.of(ConfigFactory.load())), "store");
        bare = ActorSystem.create(Behaviors.empty(), "bare");
        toStore = store.systemActorOf(counting(answers), "answers", Props.empty());
        toBare = bare.systemActorOf(counting(answers), "answers", Props.empty());
        keys = new ArrayList<>();
        echoes = new ArrayList<>();
        for (int i = 0; i < KEYS; i++) {
            keys.add(find(Key.of(i)));
            echoes.add(bare.systemActorOf(
                    echo(Key.of(i)), "echo-" + i, DispatcherSelector.fromConfig("kvstore.dispatcher")));
            keys.get(i).tell(new KeyCommand.Init(gradient, toStore));
        }
        await(KEYS);
    }

    private ActorRef<KeyCommand> find(Key key) {
        return AskPattern.<StoreActor.Command, StoreActor.Found>ask(
                        store, to -> new StoreActor.Find(key, to), PATIENCE, store.scheduler())
                .toCompletableFuture()
                .join()
                .ref();
    }

    /** Takes every answer, gives back what it leases, and counts it. */
    private static Behavior<KeyReply> counting(Semaphore answers) {
        return Behaviors.receiveMessage(reply -> {
            if (reply instanceof KeyReply.Refused refused) {
                throw new IllegalStateException(refused.toString());
            }
            reply.release();
            answers.release();
            return Behaviors.same();
        });
    }

    private static Behavior<KeyCommand> echo(Key key) {
        return Behaviors.receiveMessage(command -> {
            command.replyTo().tell(new KeyReply.Done(key, command.id(), 0));
            return Behaviors.same();
        });
    }

    private void await(int replies) throws InterruptedException {
        if (!answers.tryAcquire(replies, PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException("no answer within " + PATIENCE);
        }
    }

    @TearDown
    public void stop() {
        store.terminate();
        bare.terminate();
        store.getWhenTerminated().toCompletableFuture().join();
        bare.getWhenTerminated().toCompletableFuture().join();
    }

    @Benchmark
    public void oneKey() throws InterruptedException {
        keys.get(0).tell(new KeyCommand.PushPull(gradient, toStore));
        await(1);
    }

    @Benchmark
    public void baselineOneEcho() throws InterruptedException {
        echoes.get(0).tell(new KeyCommand.PushPull(gradient, toBare));
        await(1);
    }

    @Benchmark
    @OperationsPerInvocation(KEYS)
    public void manyKeys() throws InterruptedException {
        for (ActorRef<KeyCommand> key : keys) {
            key.tell(new KeyCommand.PushPull(gradient, toStore));
        }
        await(KEYS);
    }

    @Benchmark
    @OperationsPerInvocation(KEYS)
    public void baselineManyEchoes() throws InterruptedException {
        for (ActorRef<KeyCommand> echo : echoes) {
            echo.tell(new KeyCommand.PushPull(gradient, toBare));
        }
        await(KEYS);
    }
}
