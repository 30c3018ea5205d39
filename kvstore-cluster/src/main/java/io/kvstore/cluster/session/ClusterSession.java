package io.kvstore.cluster.session;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.javadsl.Adapter;
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
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.Layout;
import io.kvstore.actor.OptimizerState;
import io.kvstore.actor.PartReply;
import io.kvstore.actor.StoreThread;
import io.kvstore.cluster.ClusterSettings;
import io.kvstore.cluster.ServerAddress;
import io.kvstore.cluster.StoreTerms;
import io.kvstore.cluster.coordinator.Closed;
import io.kvstore.cluster.coordinator.CommandKind;
import io.kvstore.cluster.coordinator.Configuration;
import io.kvstore.cluster.coordinator.CoordinatorClient;
import io.kvstore.cluster.coordinator.Member;
import io.kvstore.cluster.coordinator.Membership;
import io.kvstore.cluster.coordinator.Registration;
import io.kvstore.cluster.coordinator.WorkerIdentity;
import io.kvstore.cluster.coordinator.WorkerListener;
import io.kvstore.cluster.link.Endpoints;
import io.kvstore.cluster.link.NodeId;
import io.kvstore.cluster.link.Serial;
import io.kvstore.cluster.sharding.Greeting;
import io.kvstore.cluster.sharding.Placement;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.session.Call;
import io.kvstore.session.Inflow;
import io.kvstore.session.Session;
import io.kvstore.session.Times;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.Kernels;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker's session with a store whose keys live on the servers of a cluster. Its logic is the {@link SessionCore}, run
 * by one thread at a time, mostly a caller's; who the workers are and what they agree on it hears from the coordinator.
 */
public final class ClusterSession implements Session {
    private static final Logger log = LoggerFactory.getLogger(ClusterSession.class);
    /** How long servers are asked what calls wait for. */
    private static final Duration EXPLANATION_LIMIT = Duration.ofMillis(500);

    private final String type;
    private final ActorSystem<?> system;
    private final boolean ownsSystem;
    private final KVStoreSettings settings;
    private final ClusterSettings cluster;
    private final Placement placement;
    private final BufferPool pool;
    private final Executor callbacks;
    private final Servers servers;
    private final KnownKeys known = new KnownKeys();
    private final OpenCalls calls;
    private final CoreLink link;
    private final CoordinatorClient coordinator;
    private final SessionCore<NodeId> core;
    private final Serial serial;
    private final ActorRef<SessionActor.Tick> actor;
    private final CoordinatorCalls coordination;
    private final Profiler profiler;
    private final boolean sync;
    private volatile Registration registration;
    private volatile Membership membership;
    private volatile Configuration configuration = Configuration.NONE;
    private volatile boolean barrierBeforeExit = true;
    private volatile KVStoreException ended;

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
        this.system = system;
        this.ownsSystem = ownsSystem;
        this.settings = settings;
        this.cluster = cluster;
        cluster.job().requireWorker();
        this.sync = !type.contains("async");
        this.placement = Placement.of(cluster);
        this.pool = settings.newPool();
        this.callbacks = callbacks(system);
        Endpoints endpoints = Endpoints.get(system);
        this.servers =
                new Servers(endpoints, Greeting.of(cluster), cluster.job().seedNodes(), this::serversMet);
        this.calls = new OpenCalls();
        this.link =
                new CoreLink(endpoints, servers, cluster.job().storeName(), cluster.p3(), calls, known, this::fenced);
        this.core =
                new SessionCore<>(link, pool, Timing.of(cluster.sessionTimeout().toNanos()), sync);
        core.tick(System.nanoTime());
        this.serial = new Serial(link::depart, system.executionContext());
        link.start(serial, core);
        this.actor = system.systemActorOf(
                SessionActor.create(
                        () -> serial.execute(() -> core.tick(System.nanoTime())),
                        () -> endedBy("its actor system has ended")),
                "kvstore-session-" + UUID.randomUUID(),
                DispatcherSelector.fromConfig("kvstore.dispatcher"));
        this.coordinator = CoordinatorClient.start(system, identity(), new FromCoordinator());
        this.coordination = new CoordinatorCalls(coordinator, settings);
        this.profiler = new ClusterProfiler(coordination);
        try {
            join();
        } catch (RuntimeException e) {
            endedBy("it could not join the store");
            release();
            throw e;
        }
    }

    private WorkerIdentity identity() {
        return new WorkerIdentity(
                cluster.job().storeName(),
                cluster.job().workerName().orElse(""),
                cluster.job().workers(),
                cluster.job().seedNodes().stream().map(ServerAddress::uri).toList());
    }

    private static Executor callbacks(ActorSystem<?> system) {
        Executor dispatcher = system.dispatchers().lookup(DispatcherSelector.fromConfig("kvstore.callback-dispatcher"));
        return task -> {
            try {
                dispatcher.execute(() -> StoreThread.run(task));
            } catch (RejectedExecutionException e) {
                task.run(); // the system has ended; the stage must end as well
            }
        };
    }

    // ------------------------------------------------------------------ joining and leaving

    private void join() {
        greetServers();
        Registration mine = coordination.await("create", coordinator.register());
        registered(mine);
        StoreTerms wanted = StoreTerms.of(type, cluster);
        if (mine.configuration().version() == 0) {
            configured(coordination.await("create", coordinator.setConfiguration(wanted.toText())));
        } else {
            requireSame(wanted, StoreTerms.parse(mine.configuration().content()));
            configured(mine.configuration());
        }
    }

    /** Compares settings with a server before anything else, and learns who the servers are: as soon as one answers. */
    private void greetServers() {
        long until = System.nanoTime() + settings.patience().toNanos();
        KVStoreException last = null;
        while (System.nanoTime() < until) {
            for (ServerAddress seed : cluster.job().seedNodes()) {
                try {
                    servers.are(coordination
                            .await("create", link.greet(seed), () -> "no answer from " + seed)
                            .servers());
                    return;
                } catch (KVStoreTimeoutException e) {
                    last = e;
                    log.info("still waiting for a server at {}: {}", seed, e.getMessage());
                }
            }
        }
        throw new KVStoreTimeoutException(
                null,
                "create: no server of " + cluster.job().seedNodes() + " has answered within "
                        + Times.text(settings.patience())
                        + (last == null ? "" : ": " + last.getMessage()));
    }

    private void requireSame(StoreTerms wanted, StoreTerms given) {
        if (!wanted.pushesLike(given)) {
            throw new KVStoreException(
                    Reason.INVALID_CONFIGURATION,
                    "store '" + cluster.job().storeName() + "' was opened with sync=" + given.sync() + ", order="
                            + given.order() + ", on-worker-loss=" + given.loss() + "; this worker asks for sync="
                            + wanted.sync() + ", order=" + wanted.order() + ", on-worker-loss=" + wanted.loss()
                            + "; use one type and one setting, or another kvstore.store-name");
        }
    }

    /** A new life: its membership is the latest, even if its epoch is lower, as it is in a cluster that began anew. */
    private void registered(Registration mine) {
        registration = mine;
        membership = mine.membership();
        tellCore();
    }

    private void membership(Membership next) {
        Membership before = membership;
        if (before == null || next.epoch() >= before.epoch()) {
            membership = next;
            tellCore();
        }
    }

    private void tellCore() {
        Registration mine = registration;
        if (mine == null || membership.standing(mine.name(), mine.incarnation()) != Membership.Standing.LIVE) {
            return;
        }
        List<Member> live = membership.live();
        boolean gives = !live.isEmpty() && live.get(0).name().equals(mine.name());
        Self self = new Self(mine.name(), mine.incarnation(), membership.epoch(), gives);
        serial.execute(() -> core.registered(self));
    }

    private void configured(Configuration next) {
        if (next.version() >= configuration.version()) {
            configuration = next;
            long version = next.version();
            serial.execute(() -> core.config(version));
        }
    }

    private void serversMet() {
        link.serversMet();
    }

    /** A server refused this life: register again. */
    private void fenced(long incarnation) {
        Registration mine = registration;
        if (ended == null && mine != null && mine.incarnation() == incarnation) {
            coordinator.register().whenComplete((next, problem) -> {
                if (problem == null) {
                    log.info("registered again as worker '{}', incarnation {}", next.name(), next.incarnation());
                    registered(next);
                } else {
                    endedBy("it could not register again: " + problem.getMessage());
                }
            });
        }
    }

    /** What the coordinator tells. */
    private final class FromCoordinator implements WorkerListener {
        @Override
        public void closed(long incarnation, Closed why) {
            if (why == Closed.REPLACED) {
                endedBy("another process has registered under this worker's name");
            } else if (why != Closed.LEFT && ended == null) {
                serial.execute(() -> core.closed(incarnation, "the coordinator has closed it (" + why + ")"));
            }
        }

        @Override
        public void membersChanged(Membership next) {
            membership(next);
        }

        @Override
        public void configChanged(Configuration next) {
            configured(next);
        }

        @Override
        public void serversChanged(List<String> addresses) {
            servers.areAt(addresses.stream().map(ServerAddress::parse).toList());
        }
    }

    private void endedBy(String why) {
        if (ended == null) {
            ended = new KVStoreException(Reason.CLOSED, why);
        }
        KVStoreException failure = new KVStoreException(Reason.CLOSED, "the session has ended: " + ended.getMessage());
        serial.execute(() -> core.close(failure));
        calls.failAll(failure);
    }

    @Override
    public Optional<String> ended() {
        return Optional.ofNullable(ended).map(KVStoreException::getMessage);
    }

    @Override
    public void end() {
        boolean wasAlive = ended == null;
        if (wasAlive) {
            leave();
        }
        endedBy("the store was closed");
        release();
    }

    /** In good order, as far as the close timeout allows. */
    private void leave() {
        try {
            if (barrierBeforeExit) {
                coordination.awaitAtClose(coordinator.barrier());
            }
            coordination.awaitAtClose(coordinator.leave());
        } catch (KVStoreException e) {
            log.warn("the other workers were not waited for: {}", e.getMessage());
        }
    }

    private void release() {
        coordinator.close();
        link.close();
        if (ownsSystem) {
            system.terminate();
            try {
                system.getWhenTerminated()
                        .toCompletableFuture()
                        .get(settings.closeTimeout().toNanos(), TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (ExecutionException | TimeoutException e) {
                log.warn(
                        "the actor system did not end within {} (kvstore.close-timeout)",
                        Times.text(settings.closeTimeout()));
            }
        } else {
            Adapter.toClassic(system).stop(Adapter.toClassic(actor));
        }
        pool.clear();
    }

    // ------------------------------------------------------------------ workers and servers

    @Override
    public int rank() {
        return registration.rank();
    }

    @Override
    public int numWorkers() {
        return cluster.job().workers();
    }

    @Override
    public void barrier() {
        coordination.await("barrier", link.arrival(), () -> "earlier pushes have not arrived: " + explainOpen());
        coordination.await("barrier", coordinator.barrier());
    }

    @Override
    public int numDeadNodes(int group) {
        return coordination.await("numDeadNodes", coordinator.numDeadNodes(group));
    }

    @Override
    public void barrierBeforeExit(boolean wait) {
        barrierBeforeExit = wait;
    }

    @Override
    public void command(int head, String body) {
        coordination.run("command " + head, Reason.CONTROLLER_FAILED, CommandKind.CONTROLLER, head, body);
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
        if (optimizer == null) {
            change("setUpdater", StoreTerms::withoutOptimizer);
            return;
        }
        change("setOptimizer", terms -> sameOptimizer(terms, optimizer) ? terms : terms.with(optimizer));
    }

    private static boolean sameOptimizer(StoreTerms terms, Optimizer optimizer) {
        return terms.optimizer().filter(optimizer.toJson()::equals).isPresent();
    }

    @Override
    public void adjustOptimizer(UnaryOperator<Optimizer.Builder> change) {
        change("adjustOptimizer", terms -> {
            Optimizer now = terms.readOptimizer()
                    .orElseThrow(() -> new KVStoreException(
                            Reason.INVALID_ARGUMENT, "no optimizer is set; call setOptimizer first"));
            Optimizer next = change.apply(now.toBuilder()).build();
            if (!now.sameStateAs(next)) {
                throw new KVStoreException(
                        Reason.INVALID_ARGUMENT,
                        "the change needs other state: " + now + " cannot become " + next
                                + " and keep its state; use setOptimizer to start afresh");
            }
            return terms.with(next);
        });
    }

    /** Changes what is agreed, on top of the latest: again, if another worker was faster. */
    private void change(String operation, UnaryOperator<StoreTerms> change) {
        while (true) {
            Configuration before = configuration;
            String next = change.apply(StoreTerms.parse(before.content())).toText();
            if (next.equals(before.content())) {
                return;
            }
            try {
                configured(coordination.await(operation, coordinator.setConfiguration(next, before.version())));
                return;
            } catch (KVStoreException e) {
                if (e.reason() != Reason.OUT_OF_ORDER) {
                    throw e;
                }
            }
        }
    }

    @Override
    public KeyConfig config() {
        Configuration now = configuration;
        return new KeyConfig(
                now.version(), StoreTerms.parse(now.content()).readOptimizer().orElse(null), null);
    }

    // ------------------------------------------------------------------ keys

    @Override
    public Optional<KeyInfo> info(Key key) {
        Optional<KeyInfo> here = known.find(key);
        return here.isPresent() ? here : describe(key);
    }

    @Override
    public Optional<KeyInfo> describe(Key key) {
        if (StoreThread.isCurrent()) {
            return known.find(key);
        }
        Call call = calls.open(key, "info", failure -> {});
        serial.execute(() -> core.describe(call.id(), key));
        KeyReply reply = coordination.await("info", call.reply(), () -> explain(call));
        return reply instanceof PartReply.Described found
                ? Optional.of(KnownKeys.info(key, found.layout(), found.generation(), found.version()))
                : Optional.empty();
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
        return !sync || calls.pushes(key) >= KeyLine.PUSHES_WITHOUT_OUTCOME;
    }

    @Override
    public List<Key> keys() {
        return known.keys();
    }

    @Override
    public List<Key> allKeys() {
        return StoreThread.isCurrent() ? keys() : KeyListing.of(coordination);
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
        Call call = calls.open(key, "ref", failure -> {});
        serial.execute(() -> core.address(call.id(), key));
        KeyReply reply = coordination.await("ref", call.reply(), () -> explain(call));
        if (reply instanceof PartReply.Address found) {
            return ActorRefResolver.get(system).resolveActorRef(found.actor());
        }
        throw Call.failureOf(reply);
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
        Call call = calls.open(key, what, unseen, inflow);
        KeyCommand command = request.with(call.id(), null);
        if (refusedEnded(call)) {
            command.release();
        } else if (command instanceof KeyCommand.Snapshot) {
            KeyConfig now = config();
            serial.execute(() -> core.gather(call.id(), key, now, placement.sliceBytes()));
        } else {
            long bytes = Submission.bytes(command);
            call.carries(bytes);
            SessionWork work = Submission.of(pool, placement, key, priority, call.id(), command);
            serial.execute(() -> work.on(core), bytes);
        }
        return call;
    }

    @Override
    public void together(Runnable sends) {
        serial.together(sends);
    }

    @Override
    public void depart() {
        serial.run();
    }

    private boolean refusedEnded(Call call) {
        if (ended == null) {
            return false;
        }
        calls.fail(
                call.id(),
                new KVStoreException(
                        Reason.CLOSED, call.key(), call.what() + " on a store that has ended: " + ended.getMessage()));
        return true;
    }

    @Override
    public List<Call> restore(String what, SortedMap<Key, OptimizerState> states) {
        List<Call> open = new ArrayList<>(states.size());
        List<SessionCore.Restoring> restoring = new ArrayList<>(states.size());
        states.forEach((key, state) -> {
            Call call = calls.open(key, what, failure -> {});
            open.add(call);
            if (refusedEnded(call)) {
                state.release();
            } else {
                restoring.add(new SessionCore.Restoring(call.id(), key, state));
            }
        });
        serial.execute(() -> core.load(restoring, placement.sliceBytes()));
        return open;
    }

    @Override
    public List<Call> openCalls() {
        return calls.all();
    }

    @Override
    public String explain(Call call) {
        return explain(List.of(call)).get(0);
    }

    @Override
    public List<String> explain(List<Call> asked) {
        Map<Long, String> known = link.explain(asked.stream().map(Call::id).toList(), EXPLANATION_LIMIT);
        return asked.stream()
                .map(call -> String.format(
                        Locale.ROOT,
                        "%s of key %s has waited %.1f s: %s",
                        call.what(),
                        call.key(),
                        call.seconds(),
                        known.getOrDefault(call.id(), otherwise())))
                .toList();
    }

    private String otherwise() {
        String coordinated = coordinator.waitingFor();
        return coordinated.isEmpty() ? "no answer yet" : coordinated;
    }

    private String explainOpen() {
        return String.join("; ", explain(openCalls().stream().limit(20).toList()));
    }

    @Override
    public Profiler profiler() {
        return profiler;
    }

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
        return calls.stats(known.keys().size(), pool, inFlightBytes);
    }

    @Override
    public Executor callbacks() {
        return callbacks;
    }
}
