package io.kvstore.examples.benchmarks.scaling;

import io.kvstore.KVStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** Measures one size: the workers of one store do the same at the same time, each on a thread of its own. */
final class Measurement implements AutoCloseable {
    private final List<Worker> work = new ArrayList<>();
    private final ExecutorService threads;
    private final double before;
    private final List<KVStore> stores;

    /** @param open makes the store, once for each worker; by rank */
    Measurement(int workers, int keys, int floats, Supplier<List<KVStore>> open) {
        for (int rank = 0; rank < workers; rank++) {
            work.add(new Worker(keys, floats, rank + 1));
        }
        this.threads = Executors.newFixedThreadPool(workers);
        this.before = Heap.megabytes();
        this.stores = open.get();
    }

    /**
     * @param size of what is varied
     * @param seconds how long rounds are measured
     * @throws IllegalStateException if a pulled value is wrong
     */
    Point measure(long size, double seconds) {
        double start = millis(() -> all(Worker::init));
        rounds(seconds / 2, 1);
        double[] rounds = rounds(seconds, 3);
        float sum = work.size() * (work.size() + 1) / 2f;
        work.forEach(each -> each.check(sum));
        return new Point(size, start, Worker.median(rounds), Heap.megabytes() - before);
    }

    private double[] rounds(double seconds, int atLeast) {
        List<Double> millis = new ArrayList<>();
        double spent = 0;
        while (spent < 1e3 * seconds || millis.size() < atLeast) {
            millis.add(millis(() -> all(Worker::round)));
            spent += millis.get(millis.size() - 1);
        }
        return millis.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private void all(BiConsumer<Worker, KVStore> job) {
        CompletableFuture<?>[] running = IntStream.range(0, work.size())
                .mapToObj(
                        rank -> CompletableFuture.runAsync(() -> job.accept(work.get(rank), stores.get(rank)), threads))
                .toArray(CompletableFuture<?>[]::new);
        CompletableFuture.allOf(running).join();
    }

    private static double millis(Runnable job) {
        long start = System.nanoTime();
        job.run();
        return (System.nanoTime() - start) / 1e6;
    }

    @Override
    public void close() {
        CompletableFuture<?>[] closing = stores.stream()
                .map(store -> CompletableFuture.runAsync(store::close, threads))
                .toArray(CompletableFuture<?>[]::new);
        CompletableFuture.allOf(closing).join();
        threads.shutdown();
    }
}
