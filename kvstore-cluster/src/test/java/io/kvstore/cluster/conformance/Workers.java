package io.kvstore.cluster.conformance;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.kvstore.KVStore;
import io.kvstore.cluster.TestConfig;
import io.kvstore.cluster.TestServers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** The workers of one store, each with an actor system and a thread of its own, in this JVM. Closing it closes their stores. */
public final class Workers implements AutoCloseable {
    private static final AtomicInteger STORES = new AtomicInteger();
    private static final long PATIENCE_SECONDS = 60;

    /** What one worker does. */
    public interface Job<T> {
        T run(KVStore kv) throws Exception;
    }

    private final List<KVStore> stores = new ArrayList<>();
    private final List<ExecutorService> threads = new ArrayList<>();

    private Workers() {}

    /**
     * Creates a store of that type in {@code n} workers of {@code servers}, under a name of its own.
     *
     * @param settings as in a configuration file
     */
    public static Workers of(TestServers servers, String type, int n, String settings) {
        return named(servers, "store-" + STORES.incrementAndGet(), type, n, settings);
    }

    public static Workers named(TestServers servers, String store, String type, int n, String settings) {
        Workers workers = new Workers();
        List<Future<KVStore>> created = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            workers.threads.add(Executors.newSingleThreadExecutor());
            Config config = config(servers, store, "worker-" + i, n, settings);
            created.add(workers.threads
                    .get(i)
                    .submit(() -> KVStore.builder().type(type).config(config).build()));
        }
        try {
            for (Future<KVStore> each : created) {
                workers.stores.add(get(each));
            }
            return workers;
        } catch (RuntimeException | Error e) {
            workers.close();
            throw e;
        }
    }

    /** A worker's configuration. */
    public static Config config(TestServers servers, String store, String name, int n, String settings) {
        return ConfigFactory.parseString(settings)
                .withFallback(TestConfig.load("""
                        kvstore {
                          seed-nodes = "%s"
                          store-name = "%s"
                          worker-name = "%s"
                          workers = %d
                          patience = 40 s
                          close-timeout = 5 s
                        }
                        """.formatted(servers.seedNode(), store, name, n)));
    }

    public int size() {
        return stores.size();
    }

    public KVStore store(int worker) {
        return stores.get(worker);
    }

    /** Starts a job in one worker. */
    public <T> Future<T> start(int worker, Job<T> job) {
        return threads.get(worker).submit(() -> job.run(stores.get(worker)));
    }

    /** Runs the job in every worker at the same time; the results by worker, which are their ranks. */
    public <T> List<T> all(Job<T> job) {
        List<Future<T>> running = new ArrayList<>();
        for (int i = 0; i < stores.size(); i++) {
            running.add(start(i, job));
        }
        return running.stream().map(Workers::get).toList();
    }

    public static <T> T get(Future<T> future) {
        try {
            return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new AssertionError(e.getCause());
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError("a worker did not end within " + PATIENCE_SECONDS + " s", e);
        }
    }

    @Override
    public void close() {
        List<CompletableFuture<Void>> closing = stores.stream()
                .map(store -> CompletableFuture.runAsync(store::close))
                .toList();
        closing.forEach(each -> each.exceptionally(failure -> null).join());
        threads.forEach(ExecutorService::shutdownNow);
    }
}
