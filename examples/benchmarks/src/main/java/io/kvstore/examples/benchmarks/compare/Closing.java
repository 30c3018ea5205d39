package io.kvstore.examples.benchmarks.compare;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Ends what an experiment has started, while the next one starts: whoever ends mostly waits for others. Nothing is measured
 * before it is over; see {@link #finish}.
 */
final class Closing implements AutoCloseable {
    private CompletableFuture<?> all = CompletableFuture.completedFuture(null);

    /** Begins to end them, each beside the others. */
    void begin(List<World> worlds) {
        all = CompletableFuture.allOf(
                all,
                CompletableFuture.allOf(worlds.stream()
                        .map(world -> CompletableFuture.runAsync(world::close))
                        .toArray(CompletableFuture[]::new)));
    }

    /** Waits until what began to end has ended. */
    void finish() {
        all.join();
    }

    @Override
    public void close() {
        finish();
    }
}
