package io.kvstore.session;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.PostStop;
import akka.actor.typed.Terminated;
import akka.actor.typed.javadsl.Adapter;
import akka.actor.typed.javadsl.AskPattern;
import akka.actor.typed.javadsl.Behaviors;
import io.kvstore.KVStoreException;
import io.kvstore.KVStoreSettings;
import io.kvstore.KVStoreTimeoutException;
import io.kvstore.Key;
import io.kvstore.KeyInfo;
import io.kvstore.Profiler;
import io.kvstore.Reason;
import io.kvstore.ServerController;
import io.kvstore.Stats;
import io.kvstore.Updater;
import io.kvstore.actor.BurstExecutor;
import io.kvstore.actor.Bursts;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyConfig;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.StoreActor;
import io.kvstore.actor.StoreContext;
import io.kvstore.actor.StoreThread;
import io.kvstore.compression.DevicePacker;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DeviceTensor;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session with a store in the same JVM. Keys hand each reply to its call; an actor of the session's own is the address of
 * these replies, and learns when the store ends.
 */
final class LocalSession implements Session {
    private static final Logger log = LoggerFactory.getLogger(LocalSession.class);
    private static final Duration ASK = Duration.ofSeconds(30);

    private final ActorSystem<?> system;
    private final ActorRef<StoreActor.Command> storeActor;
    private final StoreContext store;
    private final Profiler profiler;
    private final Optional<ServerController> controller;
    private final Ending ending;
    private final CompletableFuture<Void> storeStopped = new CompletableFuture<>();
    private final Executor callbacks;
    private final Executor helpers;
    private final ActorRef<KeyReply> replies;
    private final LocalCalls calls = new LocalCalls();
    private final Bursts bursts = new Bursts();
    private final AtomicLong ids = new AtomicLong();
    private volatile KVStoreException ended;

    /** What ends with a session. */
    enum Ending {
        /** Nothing but the session: the store is somebody else's. */
        SESSION,
        /** The store, a guest in somebody else's actor system. */
        STORE,
        /** The actor system, which was made for the store. */
        SYSTEM
    }

    LocalSession(
            ActorSystem<?> system,
            ActorRef<StoreActor.Command> storeActor,
            Optional<ServerController> controller,
            Ending ending) {
        this.system = system;
        this.storeActor = storeActor;
        this.controller = controller;
        this.ending = ending;
        this.store = ask(StoreActor.Attach::new, StoreActor.Attached.class).store();
        this.profiler = new LocalProfiler(store.profile());
        this.callbacks =
                marked(system.dispatchers().lookup(DispatcherSelector.fromConfig("kvstore.callback-dispatcher")));
        this.helpers = system.dispatchers().lookup(DispatcherSelector.fromConfig("kvstore.dispatcher"));
        this.replies = system.systemActorOf(
                collector(),
                "kvstore-session-" + UUID.randomUUID(),
                DispatcherSelector.fromConfig("kvstore.dispatcher"));
        store.attach(replies, this::onReply);
    }

    private static Executor marked(Executor dispatcher) {
        return task -> {
            try {
                dispatcher.execute(() -> StoreThread.run(task));
            } catch (RejectedExecutionException e) {
                task.run(); // the system has ended; the stage must end as well
            }
        };
    }

    private Behavior<KeyReply> collector() {
        return Behaviors.setup(context -> {
            context.watch(storeActor);
            return Behaviors.receive(KeyReply.class)
                    .onMessage(KeyReply.class, reply -> {
                        onReply(reply);
                        return Behaviors.same();
                    })
                    .onSignal(Terminated.class, signal -> {
                        storeStopped.complete(null);
                        failAll("the store's actor has stopped");
                        return Behaviors.same();
                    })
                    .onSignal(PostStop.class, signal -> {
                        store.detach(context.getSelf());
                        storeStopped.complete(null);
                        failAll("the store was closed, or its actor system has ended");
                        return Behaviors.same();
                    })
                    .build();
        });
    }

    private void onReply(KeyReply reply) {
        if (reply instanceof KeyReply.Refused) { // first, so that a flush that finds no open call finds its failure
            Call refused = calls.find(reply.id());
            if (refused != null) {
                refused.tellUnseen(Call.failureOf(reply));
            }
        }
        Call call = calls.remove(reply.id());
        boolean taken = call != null && call.end(reply);
        if (!taken) {
            reply.release();
        }
    }

    private void failAll(String why) {
        if (ended == null) {
            ended = new KVStoreException(Reason.CLOSED, why);
        }
        for (Call call : calls.all()) {
            fail(call);
        }
    }

    private void fail(Call call) {
        KVStoreException failure =
                new KVStoreException(Reason.CLOSED, call.key(), call.what() + " has no outcome: " + ended.getMessage());
        if (calls.remove(call.id()) != null) {
            call.tellUnseen(failure);
        }
        call.fail(failure);
    }

    @Override
    public Optional<String> ended() {
        return Optional.ofNullable(ended).map(KVStoreException::getMessage);
    }

    @Override
    public Call send(Key key, String what, Consumer<KVStoreException> unseen, Request request) {
        ActorRef<KeyCommand> actor = store.actor(key);
        Call call = new Call(ids.incrementAndGet(), key, what, unseen);
        calls.add(call);
        if (ended != null) {
            fail(call); // before or after failAll's sweep, never missed by both
        } else {
            actor.tell(request.with(call.id(), replies));
        }
        return call;
    }

    /** Not with an updater, a user's code, which may well wait for another key. */
    @Override
    public void together(Runnable sends) {
        if (store.config().updater() == null) {
            BurstExecutor.together(sends, bursts);
        } else {
            sends.run();
        }
    }

    @Override
    public void depart() {
        BurstExecutor.depart();
    }

    @Override
    public void workUntil(BooleanSupplier done) {
        bursts.help(done);
    }

    @Override
    public void open(Collection<Key> keys) {
        ask(replyTo -> new StoreActor.Open(List.copyOf(keys), replyTo), StoreActor.Opened.class);
    }

    @Override
    public ActorRef<KeyCommand> ref(Key key) {
        ActorRef<KeyCommand> known = store.actor(key);
        return known != null
                ? known
                : ask(to -> new StoreActor.Find(key, to), StoreActor.Found.class)
                        .ref();
    }

    @Override
    public void setRule(Optimizer optimizer, Updater updater) {
        ask(to -> new StoreActor.SetRule(optimizer, updater, to), StoreActor.RuleSet.class);
    }

    @Override
    public void adjustOptimizer(UnaryOperator<Optimizer.Builder> change) {
        StoreActor.RuleSet answer = ask(to -> new StoreActor.AdjustOptimizer(change, to), StoreActor.RuleSet.class);
        if (answer.problem() != null) {
            throw new KVStoreException(Reason.INVALID_ARGUMENT, answer.problem());
        }
    }

    @Override
    public void command(int head, String body) {
        if (controller.isEmpty()) {
            return;
        }
        CompletableFuture<Void> run =
                CompletableFuture.runAsync(() -> controller.get().onCommand(head, body), callbacks);
        try {
            run.get(settings().patience().toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KVStoreException(Reason.INTERRUPTED, "interrupted while command " + head + " ran");
        } catch (TimeoutException e) {
            throw new KVStoreTimeoutException(
                    null,
                    "command " + head + " did not return within "
                            + Times.text(settings().patience()) + " (kvstore.patience)");
        } catch (ExecutionException e) {
            throw new KVStoreException(
                    Reason.CONTROLLER_FAILED,
                    null,
                    "the server controller threw " + e.getCause() + " for command " + head,
                    e.getCause());
        }
    }

    private <T> T ask(Function<ActorRef<T>, StoreActor.Command> message, Class<T> answer) {
        CompletionStage<T> stage = AskPattern.ask(storeActor, message::apply, ASK, system.scheduler());
        try {
            return answer.cast(stage.toCompletableFuture().get(ASK.toSeconds() + 1, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KVStoreException(Reason.INTERRUPTED, "interrupted while waiting for the store's actor");
        } catch (ExecutionException | TimeoutException e) {
            throw new KVStoreException(
                    Reason.CLOSED,
                    null,
                    "the store's actor " + storeActor.path() + " does not answer; it has stopped or is no StoreActor",
                    e);
        }
    }

    @Override
    public List<Call> openCalls() {
        return calls.all();
    }

    @Override
    public String explain(Call call) {
        String reason = store.waitingFor(call.key()).orElse("it waits for its turn at the key's actor");
        return String.format(
                Locale.ROOT, "%s of key %s has waited %.1f s: %s", call.what(), call.key(), call.seconds(), reason);
    }

    @Override
    public void end() {
        failAll("the store was closed");
        if (ending == Ending.SYSTEM) {
            system.terminate();
            awaitEnd(system.getWhenTerminated().toCompletableFuture());
            return;
        }
        if (ending == Ending.STORE) {
            storeActor.tell(new StoreActor.Stop());
            awaitEnd(storeStopped);
        }
        stop(system, replies);
    }

    private void awaitEnd(CompletableFuture<?> end) {
        Duration timeout = settings().closeTimeout();
        try {
            end.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            log.warn("the store's actors did not end within {} (kvstore.close-timeout)", timeout);
        }
    }

    /** Stops an actor by its classic side: a typed one stops only itself or its children. */
    private static void stop(ActorSystem<?> system, ActorRef<?> actor) {
        Adapter.toClassic(system).stop(Adapter.toClassic(actor));
    }

    @Override
    public String type() {
        return store.type();
    }

    @Override
    public KVStoreSettings settings() {
        return store.settings();
    }

    @Override
    public BufferPool pool() {
        return store.pool();
    }

    @Override
    public int sumGroup() {
        return store.sumGroup();
    }

    @Override
    public KVStoreException problem(DeviceTensor array) {
        return store.problem(array);
    }

    @Override
    public DevicePacker packer() {
        return store.packer();
    }

    @Override
    public Optional<KeyInfo> info(Key key) {
        return store.info(key);
    }

    @Override
    public List<Key> keys() {
        return store.keys();
    }

    @Override
    public KeyConfig config() {
        return store.config();
    }

    @Override
    public boolean admits(Key key) {
        return store.admits(key);
    }

    @Override
    public String kind() {
        return store.kind();
    }

    @Override
    public Profiler profiler() {
        return profiler;
    }

    @Override
    public Stats stats(long inFlightBytes) {
        return store.stats(inFlightBytes, calls.all().size());
    }

    @Override
    public void help(Runnable work) {
        try {
            helpers.execute(work);
        } catch (RejectedExecutionException e) {
            log.debug("no help, the actor system has ended");
        }
    }

    @Override
    public Executor callbacks() {
        return callbacks;
    }
}
