package io.kvstore.conformance;

import static io.kvstore.conformance.Arrays.S23;
import static io.kvstore.conformance.Arrays.filled;
import static io.kvstore.conformance.Arrays.onDevices;
import static io.kvstore.conformance.Arrays.ones;
import static io.kvstore.conformance.Bits.assertFilled;
import static io.kvstore.conformance.Refusals.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.KVStore;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.optimizer.Optimizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.io.TempDir;

/** Group E, second part: what the optimizer remembers, saved and loaded. */
class StatesTest {
    private static final Optimizer ADAM = Optimizer.adam().learningRate(0.1).build();

    @TempDir
    private Path directory;

    @EveryStore
    void E05_loadedStatesAreTheSavedOnes(Subject subject) throws IOException {
        List<?> keys = subject.keys(3, 5, 7);
        for (int devices : new int[] {1, 4}) {
            Path saved = file();
            Path again = file();
            try (KVStore kv = subject.open()) {
                kv.setOptimizer(ADAM);
                kv.init(keys, onDevices(3, 1, S23));
                kv.push(keys, Arrays.forKeys(3, devices, 0.5, S23));
                kv.push(subject.key(5), ones(S23));
                kv.saveOptimizerStates(saved, false);
                kv.push(keys, Arrays.forKeys(3, devices, 9, S23));
                kv.loadOptimizerStates(saved);
                kv.saveOptimizerStates(again, false);
            }
            assertThat(Files.readAllBytes(again)).isEqualTo(Files.readAllBytes(saved));
            try (KVStore kv = subject.open()) {
                kv.setOptimizer(ADAM);
                kv.init(keys, onDevices(3, 1, S23));
                kv.loadOptimizerStates(saved);
                kv.saveOptimizerStates(again);
            }
            assertThat(Files.readAllBytes(again)).isEqualTo(Files.readAllBytes(saved));
        }
    }

    @EveryStore
    void E05_aDumpedOptimizerIsLoadedAndTakesMultipliersLater(Subject subject) {
        Key key = subject.key(3);
        Path saved = file();
        Optimizer dumped = Optimizer.sgd().learningRate(0.1).build();
        try (KVStore kv = subject.open()) {
            kv.setOptimizer(dumped);
            kv.init(key, filled(0, S23));
            kv.push(key, ones(S23));
            kv.saveOptimizerStates(saved, true);
        }
        try (KVStore kv = subject.open()) {
            kv.setOptimizer(ADAM);
            kv.init(key, filled(0, S23));
            kv.loadOptimizerStates(saved);
            kv.push(key, onDevices(4, 0.25, S23));
            assertFilled(kv.pull(key), -0.1f, S23);
            kv.adjustOptimizer(optimizer -> optimizer.lrMult(key.name(), 2));
            kv.push(key, ones(S23));
            assertFilled(kv.pull(key), -0.1f - 0.2f, S23);
        }
    }

    @EveryStore
    void E05_multipliersAreInTheDumpedOptimizer(Subject subject) {
        Key key = subject.key(3);
        Path saved = file();
        try (KVStore kv = subject.open()) {
            kv.setOptimizer(
                    Optimizer.sgd().learningRate(0.1).lrMult(key.name(), 2).build());
            kv.init(key, filled(0, S23));
            kv.saveOptimizerStates(saved, true);
            kv.setOptimizer(ADAM);
            kv.loadOptimizerStates(saved);
            kv.push(key, ones(S23));
            assertFilled(kv.pull(key), -0.2f, S23);
        }
    }

    @EveryStore
    void E06_withoutAnOptimizerNothingIsSavedOrLoaded(Subject subject) throws IOException {
        Key key = subject.key(3);
        Path saved = file();
        Path never = file();
        try (KVStore kv = subject.open()) {
            kv.init(key, ones(S23));
            refused(Reason.NO_OPTIMIZER, () -> kv.saveOptimizerStates(never));
            kv.setOptimizer(ADAM);
            kv.saveOptimizerStates(saved, true);
        }
        try (KVStore kv = subject.open()) {
            kv.init(key, ones(S23));
            assertThat(refused(Reason.NO_OPTIMIZER, () -> kv.loadOptimizerStates(saved)))
                    .hasMessageContaining("call setOptimizer first");
            kv.setUpdater((k, received, stored) -> stored.addi(received));
            for (boolean dump : new boolean[] {false, true}) {
                assertThat(refused(Reason.NO_OPTIMIZER, () -> kv.saveOptimizerStates(never, dump)))
                        .hasMessageContaining("an updater, whose state is its own");
            }
            refused(Reason.NO_OPTIMIZER, () -> kv.loadOptimizerStates(saved));
            kv.push(key, ones(S23));
            assertFilled(kv.pull(key), 2, S23);
        }
        assertThat(never).doesNotExist();
    }

    private Path file() {
        return directory.resolve(UUID.randomUUID() + ".states");
    }
}
