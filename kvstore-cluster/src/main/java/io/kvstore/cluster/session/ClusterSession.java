package io.kvstore.cluster.session;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import io.kvstore.KVStoreException;
import io.kvstore.KVStoreSettings;
import io.kvstore.KVStoreTimeoutException;
import io.kvstore.Key;
import io.kvstore.KeyInfo;
import io.kvstore.Profiler;
import io.kvstore.Reason;
import io.kvstore.Stats;
import io.kvstore.Updater;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyConfig;
import io.kvstore.actor.Layout;
import io.kvstore.actor.OptimizerState;
import io.kvstore.actor.StoreThread;
import io.kvstore.cluster.ClusterSettings;
import io.kvstore.cluster.StoreTerms;
import io.kvstore.cluster.coordinator.CommandKind;
import io.kvstore.cluster.link.Endpoints;
import io.kvstore.cluster.sharding.Greeting;
import io.kvstore.cluster.sharding.Placement;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.session.Call;
import io.kvstore.session.Inflow;
import io.kvstore.session.Session;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.Kernels;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * A worker's session with a store whose keys live on the servers of a cluster. Its logic is the {@link SessionCore}, run
 * by one thread at a time, mostly a caller's; who the workers are and what they agree on it hears from the coordinator.
 */
public final class ClusterSession implements Session {
    private final String type;
    private final KVStoreSettings settings;
    private final ClusterSettings cluster;
    private final boolean sync;
    private final Placement placement;
    private final BufferPool pool;
    private final SessionSystem system;
    private final KnownKeys known = new KnownKeys();
    private final OpenCalls open = new OpenCalls();
    private final CoreLink link;
    private final SerialCore core;
    private final Ending ending;
    private final Coordination coordination;
    private final Explanations explanations;
    private final KeyCalls calls;
    private final Profiler profiler;
    private volatile boolean barrierBeforeExit = true;

    /**
     * Registers with the store's coordinator and returns when all of its workers are there.
     *
     * @param ownsSystem whether the actor system ends with the session
     * @param cluster this store's settings, which may differ from the system's in what concerns one store
     * @throws KVStoreException if the store cannot be joined; {@link KVStoreTimeoutException} saying who or what is missing
     */
    public ClusterSession(
            String type, ActorSystem<?> system, boolean ownsSystem, KVStoreSettings settings, ClusterSettings cluster) {
        this.type = type;
        this.settings = settings;
        this.cluster = cluster;
        cluster.job().requireWorker();
        this.sync = !type.contains("async");
        this.placement = Placement.of(cluster);
        this.pool = settings.newPool();
        this.system = new SessionSystem(system, ownsSystem);
        Endpoints endpoints = Endpoints.get(system);
        Servers servers =
                new Servers(endpoints, Greeting.of(cluster), cluster.job().seedNodes(), this::serversMet);
        this.link =
                new CoreLink(endpoints, servers, cluster.job().storeName(), cluster.p3(), open, known, this::fenced);
        Timing timing = Timing.of(cluster.sessionTimeout().toNanos());
        this.core = new SerialCore(new SessionCore<>(link, pool, timing, sync), link::depart, this.system.threads());
        link.start(core);
        this.ending = new Ending(core, open);
        this.system.start(core::tick, () -> ending.because("its actor system has ended"));
        this.coordination = new Coordination(system, settings, cluster.job(), servers, core, ending);
        this.explanations = new Explanations(core, coordination.calls()::waitingFor);
        this.calls = new KeyCalls(open, core, placement, pool, ending, coordination, explanations);
        this.profiler = new ClusterProfiler(coordination.calls());
        join();
    }

    private void join() {
        try {
            coordination.join(StoreTerms.of(type, cluster));
        } catch (RuntimeException e) {
            ending.because("it could not join the store");
            release();
            throw e;
        }
    }

    /** There are servers that were not known. */
    private void serversMet() {
        core.execute(logic -> logic.incoming().serversMet());
    }

    /** A server refused an incarnation of this worker. */
    private void fenced(long incarnation) {
        coordination.life().fenced(incarnation);
    }

    @Override
    public Optional<String> ended() {
        return ending.reason();
    }

    @Override
    public void end() {
        if (!ending.hasCome()) {
            coordination.leave(barrierBeforeExit);
        }
        ending.because("the store was closed");
        release();
    }

    private void release() {
        coordination.close();
        link.close();
        system.end(settings.closeTimeout());
        pool.clear();
    }

    // ------------------------------------------------------------------ workers and servers

    @Override
    public int rank() {
        return coordination.life().rank();
    }

    @Override
    public int numWorkers() {
        return cluster.job().workers();
    }

    @Override
    public void barrier() {
        coordination
                .calls()
                .await("barrier", core.pushesArrived(), () -> "earlier pushes have not arrived: " + explainOpen());
        coordination.calls().barrier();
    }

    private String explainOpen() {
        return String.join("; ", explain(openCalls().stream().limit(20).toList()));
    }

    @Override
    public int numDeadNodes(int group) {
        return coordination.calls().numDeadNodes(group);
    }

    @Override
    public void barrierBeforeExit(boolean wait) {
        barrierBeforeExit = wait;
    }

    @Override
    public void command(int head, String body) {
        coordination.calls().run("command " + head, Reason.CONTROLLER_FAILED, CommandKind.CONTROLLER, head, body);
    }

    @Override
    public Profiler profiler() {
        return profiler;
    }

    // ------------------------------------------------------------------ configuration

    @Override
    public void setRule(Optimizer optimizer, Updater updater) {
        if (updater != null) {
            throw new KVStoreException(
                    Reason.UNSUPPORTED,
                    "a store of type '" + type
                            + "' takes no updater, as its code would have to run on the servers; write"
                            + " an OptimizerRule, put it on their class path, and set it by name with setOptimizer");
        }
        coordination.agreement().setOptimizer(optimizer);
    }

    @Override
    public void adjustOptimizer(UnaryOperator<Optimizer.Builder> change) {
        coordination.agreement().adjustOptimizer(change);
    }

    @Override
    public KeyConfig config() {
        return coordination.agreement().config();
    }

    // ------------------------------------------------------------------ keys

    @Override
    public Optional<KeyInfo> info(Key key) {
        Optional<KeyInfo> here = known.find(key);
        return here.isPresent() ? here : describe(key);
    }

    @Override
    public Optional<KeyInfo> describe(Key key) {
        return StoreThread.isCurrent() ? known.find(key) : calls.describe(key);
    }

    /** Asks before it says yes, as another worker may have deleted the key, or made it anew. */
    @Override
    public Optional<KeyInfo> initialised(Key key) {
        Optional<KeyInfo> mine = known.initialised(key);
        return mine.isEmpty()
                ? mine
                : describe(key).filter(now -> now.generation() == mine.get().generation());
    }

    @Override
    public Layout layout(KeyInfo key) {
        return placement.layout(key.shape(), key.dtype(), key.rowSparse());
    }

    @Override
    public boolean lends() {
        return false;
    }

    /**
     * A push waits for its round, and so for the other workers: if what waits held up later pushes, two workers that push
     * their keys in opposite orders would wait for each other. Only what is a round ahead counts.
     */
    @Override
    public boolean counts(Key key) {
        return !sync || open.pushes(key) >= KeyLine.PUSHES_WITHOUT_OUTCOME;
    }

    @Override
    public List<Key> keys() {
        return known.keys();
    }

    @Override
    public List<Key> allKeys() {
        return StoreThread.isCurrent() ? keys() : KeyListing.of(coordination.calls());
    }

    @Override
    public boolean admits(Key key) {
        return known.admits(key);
    }

    @Override
    public String kind() {
        return known.kind();
    }

    /** Keys get their actors when they are looked for. */
    @Override
    public void open(Collection<Key> keys) {}

    /** On the server where the key lives; what is sent there goes in one of Akka's ordinary frames. */
    @Override
    public ActorRef<KeyCommand> ref(Key key) {
        KeyInfo info = info(key)
                .orElseThrow(
                        () -> new KVStoreException(Reason.NOT_INITIALIZED, key, "ref of a key that does not exist"));
        int slices = layout(info).slices();
        if (slices > 1) {
            throw new KVStoreException(
                    Reason.UNSUPPORTED,
                    key,
                    "the key is cut into " + slices + " slices on several actors; it is reached through the store's"
                            + " operations");
        }
        return system.actorAt(calls.address(key));
    }

    // ------------------------------------------------------------------ calls

    @Override
    public Call send(Key key, String what, Consumer<KVStoreException> unseen, Request request) {
        return send(key, what, 0, unseen, request);
    }

    @Override
    public Call send(Key key, String what, int priority, Consumer<KVStoreException> unseen, Request request) {
        return send(key, what, priority, unseen, null, request);
    }

    @Override
    public Call send(
            Key key, String what, int priority, Consumer<KVStoreException> unseen, Inflow inflow, Request request) {
        return calls.send(key, what, priority, unseen, inflow, request);
    }

    @Override
    public void together(Runnable sends) {
        core.together(sends);
    }

    @Override
    public void depart() {
        core.depart();
    }

    @Override
    public List<Call> restore(String what, SortedMap<Key, OptimizerState> states) {
        return calls.restore(what, states);
    }

    @Override
    public List<Call> openCalls() {
        return open.all();
    }

    @Override
    public String explain(Call call) {
        return explanations.of(call);
    }

    @Override
    public List<String> explain(List<Call> asked) {
        return explanations.of(asked);
    }

    // ------------------------------------------------------------------ what it is and has

    @Override
    public String type() {
        return type;
    }

    @Override
    public KVStoreSettings settings() {
        return settings;
    }

    @Override
    public BufferPool pool() {
        return pool;
    }

    @Override
    public int sumGroup() {
        return type.contains("device") ? Kernels.DEVICE_GROUP : Kernels.LOCAL_GROUP;
    }

    @Override
    public Stats stats(long inFlightBytes) {
        return open.stats(known.keys().size(), pool, inFlightBytes);
    }

    @Override
    public Executor callbacks() {
        return system.callbacks();
    }
}
