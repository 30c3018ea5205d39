package io.kvstore;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.StoreActor;
import io.kvstore.compression.GradientCompression;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.session.LocalStores;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A key-value store for parameter synchronisation, with the meaning of MXNet's KVStore.
 *
 * <p>A key names one parameter tensor. Workers push gradients to keys and pull values; a key sums what is pushed,
 * applies an optimizer or updater, and answers pulls. Each key is an actor, so its pushes and pulls have one order.
 *
 * <pre>{@code
 * try (KVStore kv = KVStore.create("local")) {
 *     kv.init("weight", Nd4j.ones(2, 3).mul(2));
 *     kv.push("weight", List.of(gradOnDevice0, gradOnDevice1));
 *     INDArray now = kv.pull("weight");
 * }
 * }</pre>
 *
 * <p><b>Arrays.</b> Any live INDArray of a numeric type is accepted by its logical value, whatever its order, strides or
 * offset. The store never refers to a caller's array after a call, and what it hands out is the caller's.
 *
 * <p><b>Threads.</b> A store may be used by any number of threads. A call blocks where MXNet's blocks: {@code push} until
 * its arrays are captured, {@code pull} until its outputs are filled; {@link #async()} blocks for neither.
 *
 * <p><b>Errors.</b> Bad input is refused with a {@link KVStoreException} that names the key, the expected and the given;
 * it changes nothing. Each operation is described with its list form; the others are defaults over it.
 */
public interface KVStore extends InitForms, PushForms, PullForms, RowSparsePullForms, PushPullForms, AutoCloseable {

    /** A {@code local} store in an actor system of its own. */
    static KVStore create() {
        return builder().build();
    }

    /**
     * A store in an actor system of its own, which ends with the store.
     *
     * @param type in any case: {@code local} (sums on the host; also {@code local_update_cpu},
     *     {@code local_allreduce_cpu}), {@code device} (sums on devices; also {@code local_allreduce_device}), or what a
     *     {@link KVStoreProvider} offers
     * @throws KVStoreException with {@link Reason#UNKNOWN_TYPE}, listing the known types
     */
    static KVStore create(String type) {
        return builder().type(type).build();
    }

    /** A store that is a guest in {@code system}, which it never stops. @throws KVStoreException as {@link #create(String)} */
    static KVStore create(String type, ActorSystem<?> system) {
        return builder().type(type).system(system).build();
    }

    /** A builder for a store with settings of its own. */
    static KVStoreBuilder builder() {
        return new KVStoreBuilder();
    }

    /**
     * A store over a {@link StoreActor} that the caller spawned. Closing it leaves the actor running; several may share
     * one actor.
     *
     * @throws KVStoreException if the actor does not answer
     */
    static KVStore of(ActorRef<StoreActor.Command> store, ActorSystem<?> system) {
        return LocalStores.over(store, system);
    }

    /** The type by which the store was created, in lower case. */
    String type();

    /** The rank of this worker, from 0. */
    int rank();

    int numWorkers();

    /** Waits until every worker has come here, and until this worker's earlier requests have arrived. */
    void barrier();

    /**
     * Waits for the outcome of every push of this store.
     *
     * @throws KVStoreException the first failure that no call has reported yet, others attached as suppressed
     */
    void flush();

    /**
     * Lets {@code updater} apply pushes from now on; values stay as they are. Replaces an optimizer.
     *
     * @param updater null to go back to assignment
     */
    void setUpdater(Updater updater);

    /**
     * Lets an optimizer apply pushes from now on; values stay as they are. Setting an equal one again changes nothing;
     * one of another algorithm starts with fresh state. Replaces an updater.
     */
    void setOptimizer(Optimizer optimizer);

    /** The optimizer in force, if there is one. */
    Optional<Optimizer> optimizer();

    /**
     * Changes the settings of the running optimizer and keeps its state, from each key's next update on.
     *
     * @throws KVStoreException if no optimizer is set, or the change would need other state
     */
    void adjustOptimizer(UnaryOperator<Optimizer.Builder> change);

    /** {@link #adjustOptimizer} of the learning rate. */
    default void setLearningRate(double rate) {
        adjustOptimizer(optimizer -> optimizer.learningRate(rate));
    }

    /** As {@link #saveOptimizerStates(Path, boolean)}, without the optimizer. */
    default void saveOptimizerStates(Path file) {
        saveOptimizerStates(file, false);
    }

    /**
     * Writes what the optimizer remembers of every key into a file on the caller's machine, in the format that {@link
     * io.kvstore.files} describes: the whole new file or, if anything fails, none. The states are those after every push
     * that this thread has made; pushes of others meanwhile are in it or not, key by key. Residuals of gradient compression
     * are the session's, and not in it.
     *
     * <p>In a cluster the states of all keys come here, whoever made them; in synchronous rounds all slices of a key are of
     * one round, in an asynchronous store a push of another worker may be in some slices and not yet in others. (MXNet: an
     * error in a distributed store.)
     *
     * @param dumpOptimizer whether the optimizer's settings go with it
     * @throws KVStoreException if no optimizer is set (an updater's state is its own), or the file cannot be written
     */
    void saveOptimizerStates(Path file, boolean dumpOptimizer);

    /**
     * Takes up what {@link #saveOptimizerStates} wrote, from each key's next update on: states and update counts of all
     * keys, or none. Values stay as they are; a float32 master copy is a state. If the file has the optimizer, that one is
     * set; else the optimizer in force must keep states of the same form, and its settings stay. A key that the file does
     * not have starts afresh, as one whose states were replaced by nothing.
     *
     * <p>In a cluster one worker may call it or all may, each with the same file. Every part gets its states before any
     * takes them up: what is refused, or ends before that, changes nothing. What remains is that a server is lost, or the
     * optimizer replaced by another worker, while they are being taken up: then the call fails, some keys may have theirs, and
     * loading again puts all right. In synchronous rounds the states fall between two rounds of each key, as no round ends
     * while a worker that takes part in it loads; in an asynchronous store pushes of others meanwhile come before or after
     * them, slice by slice, so let the workers meet at a {@link #barrier} before and after.
     *
     * @throws KVStoreException if no optimizer is set, the file cannot be read or is damaged, or it does not fit: it has a
     *     key that the store does not have or has in another shape or type, or another optimizer's states. Then the store
     *     is as it was
     */
    void loadOptimizerStates(Path file);

    /**
     * Packs the gradients of later pushes, pushPulls included (in MXNet they fail on {@code dist}); what is initialised or
     * pulled never is. In a {@code device} store every device's array is packed by itself, also where there is one device.
     *
     * <p>What a push does not send is kept, for each key and device, and added to that device's next gradient of the key;
     * it is given up when the key is deleted, and when another compression is set, {@code none()} included (in MXNet
     * compression cannot be switched off). Setting an equal one again changes nothing. A push that is refused by its call
     * has no effect on it; one that fails later has lost what it sent, and only that. While compression is on, keys of
     * other types than float32, row-sparse gradients and values that are not finite are refused by the push.
     *
     * @throws KVStoreException with {@link Reason#UNSUPPORTED} for the {@code local} types, as in MXNet
     */
    void setGradientCompression(GradientCompression compression);

    /** As {@link #setGradientCompression(GradientCompression)}, as MXNet writes it: {@code Map.of("type", "2bit")}. */
    default void setGradientCompression(Map<String, ?> settings) {
        setGradientCompression(GradientCompression.of(settings));
    }

    /**
     * Whether the store offers {@code capability}; known is {@code "optimizer"}.
     *
     * @throws KVStoreException for a word that is not known
     */
    boolean isCapable(String capability);

    /**
     * Runs the registered {@link ServerController}, once where keys live, in a cluster once on each server, and returns when
     * all have returned; without one nothing happens.
     *
     * @throws KVStoreException with {@link Reason#CONTROLLER_FAILED} if a controller threw, naming the servers
     */
    void sendCommandToServers(int head, String body);

    /** Records what the keys do, for a look at where time goes; off at first. */
    Profiler profiler();

    /**
     * How many nodes of a group are dead: 1 scheduler, 2 servers, 4 workers, or their sum. In one process none.
     *
     * @throws KVStoreException for a group outside 1 to 7
     */
    int numDeadNodes(int group);

    /** Whether {@link #close} waits for the other workers; without others it makes no difference. */
    void setBarrierBeforeExit(boolean wait);

    /** Forgets a key: its value and state. It can be initialised again. @throws KVStoreException if it does not exist */
    void delete(Key key);

    /** As {@link #delete(Key)}. */
    default void delete(int key) {
        delete(Key.of(key));
    }

    /** As {@link #delete(Key)}. */
    default void delete(String key) {
        delete(Key.of(key));
    }

    /** The keys that exist, sorted; in a cluster all servers are asked, on the store's own threads what is known here. */
    List<Key> keys();

    /** What is known of a key, if it exists; in a cluster its server is asked, as with {@link #keys}. */
    Optional<KeyInfo> info(Key key);

    /** As {@link #info(Key)}. */
    default Optional<KeyInfo> info(int key) {
        return info(Key.of(key));
    }

    /** As {@link #info(Key)}. */
    default Optional<KeyInfo> info(String key) {
        return info(Key.of(key));
    }

    /** Counters since the store was created, and what it holds now; in a cluster those of this worker. */
    Stats stats();

    /** What every open call waits for, in words; one line each. In a cluster the servers are asked, for half a second. */
    String explain();

    /**
     * The actor of a key, for those who speak to it by message; it exists from now on, initialised or not. In a cluster it is
     * that of an initialised key of one slice, on its server and for as long as that lives; what is sent there goes in one of
     * Akka's ordinary frames, and a push without an origin is for asynchronous stores.
     *
     * @throws KVStoreException in a cluster, if the key does not exist or has several slices
     */
    ActorRef<KeyCommand> ref(Key key);

    /** As {@link #ref(Key)}. */
    default ActorRef<KeyCommand> ref(int key) {
        return ref(Key.of(key));
    }

    /** As {@link #ref(Key)}. */
    default ActorRef<KeyCommand> ref(String key) {
        return ref(Key.of(key));
    }

    /** The same store with operations that return at once. */
    AsyncKVStore async();

    /**
     * Ends the store: lets open requests finish within the close timeout, fails the rest, and releases everything.
     * A second call does nothing.
     *
     * @throws KVStoreException the first failure that no call has reported yet, after everything is released
     */
    @Override
    void close();
}
