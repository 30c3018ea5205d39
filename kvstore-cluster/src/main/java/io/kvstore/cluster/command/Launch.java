package io.kvstore.cluster.command;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.cluster.ClusterSettings;
import io.kvstore.cluster.ServerAddress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One run of {@code launch}. Whatever way it ends, it leaves no process behind; servers notice even if it is killed, because
 * their standard input ends.
 */
final class Launch {
    private static final Map<String, Integer> SIGNALS = Map.of("HUP", 1, "INT", 2, "TERM", 15);
    private static final String KILL = "KILL";
    private static final long GRACE_SECONDS = 10;
    private static final long LEAVING_SECONDS = 20;

    private final ServerFleet fleet;
    private final int size;
    private final List<String> command;
    private final ClusterSettings settings;
    private final Output output;
    private final AtomicInteger exitCode = new AtomicInteger(Exit.DONE);
    private final List<Child> workers = new ArrayList<>(); // guarded by this, as what follows
    private boolean signalled;
    private boolean ending;

    /**
     * @param size how many workers run {@code command}
     * @param settings what servers and workers must agree on
     */
    Launch(ServerFleet fleet, int size, List<String> command, ClusterSettings settings, Output output) {
        this.fleet = fleet;
        this.size = size;
        this.command = command;
        this.settings = settings;
        this.output = output;
    }

    /** Runs to the end. @return the exit code */
    int run() throws InterruptedException {
        Runtime.getRuntime().addShutdownHook(new Thread(this::killAll, "kvstore-launch-exit"));
        SIGNALS.keySet().forEach(name -> Signals.handle(name, this::signal));
        try {
            fleet.start();
            fleet.servers().forEach(this::watch);
            await(startWorkers(), Long.MAX_VALUE);
        } catch (KVStoreException e) {
            output.tell(e.getMessage());
            exitCode.compareAndSet(Exit.DONE, Exit.FAILED);
        } finally {
            endServers();
            killAll();
        }
        return exitCode.get();
    }

    /** @return the workers' ends */
    private synchronized List<CompletableFuture<Void>> startWorkers() {
        List<CompletableFuture<Void>> ends = new ArrayList<>();
        for (int i = 0; i < size && !signalled; i++) {
            try {
                Child worker = Child.start("worker " + i, command, environment(i), output, line -> false);
                worker.closeInput();
                workers.add(worker);
                ends.add(watch(worker));
            } catch (IOException e) {
                throw new KVStoreException(
                        Reason.INVALID_ARGUMENT, null, "the command cannot be started: " + e.getMessage(), e);
            }
        }
        return ends;
    }

    private Map<String, String> environment(int worker) {
        Map<String, String> environment = new HashMap<>(threads());
        ServerAddress first = ServerAddress.parse(fleet.addresses().get(0));
        environment.put("KVSTORE_SEED_NODES", String.join(",", fleet.addresses()));
        environment.put("KVSTORE_WORKERS", Integer.toString(size));
        environment.put("KVSTORE_SERVERS", Integer.toString(fleet.addresses().size()));
        environment.put("KVSTORE_WORKER_NAME", "worker-" + worker);
        environment.put("KVSTORE_STORE_NAME", settings.job().storeName());
        environment.put("KVSTORE_SLICE_BYTES", Integer.toString(settings.sliceBytes()));
        environment.put("KVSTORE_NUMBER_OF_SHARDS", Integer.toString(settings.shards()));
        environment.put("DMLC_ROLE", "worker");
        environment.put("DMLC_NUM_WORKER", Integer.toString(size));
        environment.put("DMLC_NUM_SERVER", Integer.toString(fleet.addresses().size()));
        environment.put("DMLC_PS_ROOT_URI", first.host());
        environment.put("DMLC_PS_ROOT_PORT", Integer.toString(first.port()));
        return environment;
    }

    /** ND4J's OpenMP threads fight each other over small arrays: one, unless the user has said. */
    static Map<String, String> threads() {
        return System.getenv().containsKey("OMP_NUM_THREADS") ? Map.of() : Map.of("OMP_NUM_THREADS", "1");
    }

    /** @return done when the child has ended and, if that is a failure, it is told */
    private CompletableFuture<Void> watch(Child child) {
        boolean server = fleet.servers().contains(child);
        return child.ended().thenAccept(code -> {
            if (!isEnding() && (server || code != Exit.DONE)) {
                exitCode.compareAndSet(Exit.DONE, code == Exit.DONE ? Exit.FAILED : code);
                output.tell(child.name() + " ended with exit code " + code);
            }
        });
    }

    private synchronized boolean isEnding() {
        return ending;
    }

    /** The first signal is passed on; who still runs ten seconds later, or at the second one, is killed. */
    private synchronized void signal(String name) {
        exitCode.compareAndSet(Exit.DONE, Exit.SIGNALLED + SIGNALS.get(name));
        List<Child> told = workers.isEmpty() ? fleet.servers() : workers;
        told.forEach(child -> child.signal(signalled ? KILL : name));
        if (!signalled) {
            Executor later = CompletableFuture.delayedExecutor(GRACE_SECONDS, TimeUnit.SECONDS);
            List<Child> late = List.copyOf(told);
            later.execute(() -> late.forEach(child -> child.signal(KILL)));
        }
        signalled = true;
    }

    private void endServers() throws InterruptedException {
        synchronized (this) {
            ending = true;
        }
        fleet.servers().forEach(Child::closeInput);
        await(fleet.servers().stream().map(Child::ended).toList(), LEAVING_SECONDS);
    }

    private static void await(List<? extends CompletableFuture<?>> ends, long seconds) throws InterruptedException {
        try {
            CompletableFuture.allOf(ends.toArray(CompletableFuture<?>[]::new)).get(seconds, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            return; // whoever is left is killed
        } catch (ExecutionException e) {
            throw new IllegalStateException("the end of a process cannot be awaited", e.getCause());
        }
    }

    /** Ends what still runs, and what ended processes have left behind in their group. */
    private void killAll() {
        List<Child> all = new ArrayList<>(fleet.servers());
        synchronized (this) {
            all.addAll(workers);
        }
        all.forEach(child -> child.signal(KILL));
    }
}
