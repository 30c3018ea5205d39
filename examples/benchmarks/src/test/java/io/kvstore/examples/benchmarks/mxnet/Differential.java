package io.kvstore.examples.benchmarks.mxnet;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import io.kvstore.KVStore;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Gives a test class both stores: skips its tests where MXNet cannot be called, saying what is missing, and keeps one actor
 * system for all stores of this project.
 *
 * <p>Random runs are numbered by their seeds, from 1; the system property {@code kvstore.differential.seed} gives another
 * first one. A failure names its seed.
 */
final class Differential implements BeforeAllCallback, BeforeEachCallback, AfterAllCallback {
    /** Logical devices of the stores. */
    static final int DEVICES = 8;

    private static final long FIRST_SEED = Long.getLong("kvstore.differential.seed", 1);

    private ActorSystem<Void> system;

    @Override
    public void beforeAll(ExtensionContext context) {
        system = ActorSystem.create(Behaviors.empty(), "differential");
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        assumeTrue(MxLibrary.available(), MxLibrary::unavailableReason);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        system.terminate();
    }

    /** A new store of this project. */
    KVStore store(String type) {
        return KVStore.builder().type(type).system(system).devices(DEVICES).build();
    }

    /** A new store of either kind. */
    Both open(String type) {
        return new Both(store(type), MxKVStore.create(type));
    }

    /** Runs something with {@code runs} seeds; a failure names its seed. */
    static void forSeeds(int runs, LongConsumer run) {
        for (long seed = FIRST_SEED; seed < FIRST_SEED + runs; seed++) {
            try {
                run.accept(seed);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(
                        "seed " + seed + " (again with -Dkvstore.differential.seed=" + seed + "): " + e.getMessage(),
                        e);
            }
        }
    }
}
