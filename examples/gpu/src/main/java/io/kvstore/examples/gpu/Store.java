package io.kvstore.examples.gpu;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AskPattern;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.kvstore.KVStoreSettings;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.Stats;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.OptimizerState;
import io.kvstore.actor.Origin;
import io.kvstore.actor.StoreActor;
import io.kvstore.actor.StoreContext;
import io.kvstore.cuda.CudaDriver;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Tensor;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** A store in an actor system of its own, spoken to by key commands; an answer it waits for is due in a minute. */
final class Store implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final ActorSystem<StoreActor.Command> system;
    private final StoreContext context;
    private final Map<Key, ActorRef<KeyCommand>> keys = new ConcurrentHashMap<>();

    private Store(ActorSystem<StoreActor.Command> system) {
        this.system = system;
        context = this.<StoreActor.Attached>tellStore(StoreActor.Attach::new).store();
    }

    /**
     * A new store on these devices, none of which may be another in its place.
     *
     * @param driver of the GPUs in the group; null for the one that is found
     */
    static Store on(DeviceGroup group, CudaDriver driver) {
        Store store = open(
                Map.of("kvstore.devices", group.names()), settings -> StoreActor.create("device", settings, driver));
        List<String> names =
                store.stats().devices().stream().map(Stats.DeviceStats::name).toList();
        for (int i = 0; i < group.size(); i++) {
            if (!names.get(i).startsWith(group.names().get(i))) {
                store.close();
                throw new AssertionError("the store has devices " + names + " and not " + group + "; its log says why");
            }
        }
        return store;
    }

    /** A new store of type {@code local}, whose keys sum and update on the host. */
    static Store onHost() {
        return open(Map.of(), StoreActor::create);
    }

    private static Store open(Map<String, ?> own, Function<KVStoreSettings, Behavior<StoreActor.Command>> store) {
        Config config = ConfigFactory.parseMap(own).withFallback(ConfigFactory.load());
        return new Store(ActorSystem.create(store.apply(KVStoreSettings.of(config)), "store", config));
    }

    /** How pushes are applied from now on; null: the sum becomes the value. */
    void rule(Optimizer optimizer) {
        String problem = this.<StoreActor.RuleSet>tellStore(to -> new StoreActor.SetRule(optimizer, null, to))
                .problem();
        Expect.that(problem == null, () -> "the rule is taken, not: " + problem);
    }

    /** The answer to come; the command's own id and address are of no account. */
    CompletionStage<KeyReply> send(Key key, KeyCommand command) {
        return AskPattern.ask(
                keys.computeIfAbsent(key, this::find), to -> command.answering(0, to), PATIENCE, system.scheduler());
    }

    /** Sends, and waits for the answer, which must be of that kind. */
    <T extends KeyReply> T ask(Key key, KeyCommand command, Class<T> kind) {
        KeyReply reply = await(send(key, command));
        Expect.that(kind.isInstance(reply), () -> "key " + key + " answers " + kind.getSimpleName() + ", not " + reply);
        return kind.cast(reply);
    }

    void init(Key key, Tensor value) {
        ask(key, new KeyCommand.Init(value, null), KeyReply.Done.class);
    }

    /** Pushes one gradient of each device. */
    void push(Key key, List<? extends Tensor> gradients) {
        ask(key, pushOf(gradients), KeyReply.Done.class);
    }

    static KeyCommand pushOf(List<? extends Tensor> gradients) {
        return new KeyCommand.Push(List.copyOf(gradients), Origin.none(), 0, null);
    }

    /** A copy of the value. */
    DenseTensor pull(Key key) {
        return copy(ask(key, new KeyCommand.Pull(null), KeyReply.Value.class));
    }

    /** A copy of the value that the push made. */
    DenseTensor pushPull(Key key, List<? extends Tensor> gradients) {
        return copy(ask(key, pushPullOf(gradients), KeyReply.Value.class));
    }

    static KeyCommand pushPullOf(List<? extends Tensor> gradients) {
        return new KeyCommand.PushPull(List.copyOf(gradients), Origin.none(), 0, null);
    }

    private static DenseTensor copy(KeyReply.Value reply) {
        DenseTensor copy = reply.value().copy();
        reply.release();
        return copy;
    }

    RowSparseTensor pullRows(Key key, long... ids) {
        return ask(key, new KeyCommand.PullRows(ids, null), KeyReply.Rows.class).rows();
    }

    /** What the optimizer remembers; the caller releases it. */
    OptimizerState snapshot(Key key) {
        return ask(key, new KeyCommand.Snapshot(0, null), KeyReply.States.class).state();
    }

    void restore(Key key, OptimizerState state) {
        ask(key, new KeyCommand.Restore(state, 0, null), KeyReply.Done.class);
    }

    void delete(Key key) {
        ask(key, new KeyCommand.Delete(0, null), KeyReply.Done.class);
    }

    /** The key refuses the command for that reason, and says something. */
    void refuses(Reason reason, Key key, KeyCommand command) {
        KeyReply.Refused reply = ask(key, command, KeyReply.Refused.class);
        Expect.equal(reason, reply.reason(), "reason of \"" + reply.message() + "\"");
        Expect.that(!reply.message().isBlank(), () -> "the refusal for " + reason + " says why");
    }

    /** What is known of the store from outside. */
    StoreContext context() {
        return context;
    }

    Stats stats() {
        return context.stats(0, 0);
    }

    private ActorRef<KeyCommand> find(Key key) {
        return this.<StoreActor.Found>tellStore(to -> new StoreActor.Find(key, to))
                .ref();
    }

    private <T> T tellStore(Function<ActorRef<T>, StoreActor.Command> message) {
        return await(AskPattern.ask(system, message::apply, PATIENCE, system.scheduler()));
    }

    static <T> T await(CompletionStage<T> answer) {
        try {
            return answer.toCompletableFuture().get(2 * PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError("no answer in time: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for an answer", e);
        }
    }

    /** Ends the store, and with it what it has on its devices. */
    @Override
    public void close() {
        system.terminate();
        await(system.getWhenTerminated());
    }
}
