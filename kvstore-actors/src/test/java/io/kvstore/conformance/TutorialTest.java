package io.kvstore.conformance;

import static io.kvstore.conformance.Arrays.S23;
import static io.kvstore.conformance.Arrays.filled;
import static io.kvstore.conformance.Arrays.flat;
import static io.kvstore.conformance.Arrays.forKeys;
import static io.kvstore.conformance.Arrays.onDevices;
import static io.kvstore.conformance.Arrays.ones;
import static io.kvstore.conformance.Arrays.outs;
import static io.kvstore.conformance.Bits.assertEachFilled;
import static io.kvstore.conformance.Bits.assertFilled;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.KVStore;
import io.kvstore.Key;
import io.kvstore.Updater;
import io.kvstore.optimizer.Optimizer;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Group B: the tutorials, in which each case goes on where the one before it ended. */
class TutorialTest {
    private final Queue<Key> updated = new ConcurrentLinkedQueue<>();

    private static Updater adding(double factor) {
        return (key, received, stored) -> stored.addi(received.mul(factor));
    }

    /** Notes the key, then stored += 2 received. */
    private void update(Key key, INDArray received, INDArray stored) {
        updated.add(key);
        adding(2).update(key, received, stored);
    }

    private static void start(KVStore kv, Key key) {
        kv.init(key, filled(2, S23));
    }

    private static void assignTwice(KVStore kv, Key key) {
        start(kv, key);
        kv.push(key, filled(8, S23));
        kv.push(key, onDevices(4, 1, S23));
    }

    private void assignThenUpdate(KVStore kv, Key key) {
        assignTwice(kv, key);
        kv.setUpdater(this::update);
        kv.push(key, ones(S23));
    }

    @EveryStore
    void B01_theInitialValueIsPulled(Subject subject) {
        try (KVStore kv = subject.open()) {
            start(kv, subject.key(3));
            assertFilled(kv.pull(subject.key(3)), 2, S23);
        }
    }

    @EveryStore
    void B02_pushReplacesTheInitialValue(Subject subject) {
        try (KVStore kv = subject.open()) {
            start(kv, subject.key(3));
            kv.push(subject.key(3), filled(8, S23));
            assertFilled(kv.pull(subject.key(3)), 8, S23);
        }
    }

    @EveryStore
    void B03_theSumOfFourDevicesReplacesThePushedValue(Subject subject) {
        try (KVStore kv = subject.open()) {
            assignTwice(kv, subject.key(3));
            assertFilled(kv.pull(subject.key(3)), 4, S23);
        }
    }

    @EveryStore
    void B04_settingAnUpdaterLeavesTheValue(Subject subject) {
        try (KVStore kv = subject.open()) {
            assignTwice(kv, subject.key(3));
            kv.setUpdater(this::update);
            assertFilled(kv.pull(subject.key(3)), 4, S23);
            assertThat(updated).isEmpty();
        }
    }

    @EveryStore
    void B05_oneCallOfTheUpdaterAppliesOnePush(Subject subject) {
        try (KVStore kv = subject.open()) {
            assignThenUpdate(kv, subject.key(3));
            assertFilled(kv.pull(subject.key(3)), 6, S23);
            assertThat(updated).containsExactly(subject.key(3));
        }
    }

    @EveryStore
    void B06_fourOutputsGetTheUpdatedValue(Subject subject) {
        try (KVStore kv = subject.open()) {
            assignThenUpdate(kv, subject.key(3));
            List<INDArray> outs = outs(4, S23);
            kv.pull(subject.key(3), outs);
            assertEachFilled(outs, 6, S23);
        }
    }

    @EveryStore
    void B07_theUpdaterIsCalledOncePerKeyOfAList(Subject subject) {
        try (KVStore kv = subject.open()) {
            List<?> keys = subject.keys(5, 7, 9);
            kv.init(keys, onDevices(3, 1, S23));
            kv.setUpdater(this::update);
            kv.push(keys, onDevices(3, 1, S23));
            assertEachFilled(kv.pull(keys), 3, S23);
            assertThat(updated).containsExactlyInAnyOrder(subject.key(5), subject.key(7), subject.key(9));
        }
    }

    @EveryStore
    void B09_theUpdaterGetsTheSumOfTheDevices(Subject subject) {
        try (KVStore kv = subject.open()) {
            start(kv, subject.key(3));
            kv.setUpdater(adding(3));
            kv.push(subject.key(3), onDevices(2, 1, S23));
            assertFilled(kv.pull(subject.key(3)), 8, S23);
            List<?> keys = subject.keys(5, 7, 9);
            kv.init(keys, onDevices(3, 1, S23));
            kv.push(keys, onDevices(3, 1, S23));
            assertEachFilled(kv.pull(keys), 4, S23);
        }
    }

    @EveryStore
    void B10_withoutUpdaterListsAreAssignedTheirSums(Subject subject) {
        try (KVStore kv = subject.open()) {
            List<?> keys = subject.keys(5, 7, 9);
            kv.init(keys, onDevices(3, 7, S23));
            kv.push(keys, onDevices(3, 1, S23));
            assertEachFilled(kv.pull(keys), 1, S23);
            kv.push(keys, forKeys(3, 4, 1, S23));
            List<List<INDArray>> outs = forKeys(3, 4, -1, S23);
            kv.pull(keys, outs);
            assertEachFilled(flat(outs), 4, S23);
        }
    }

    @EveryStore
    void B11_defaultSgdStepsByAHundredth(Subject subject) {
        try (KVStore kv = subject.open()) {
            kv.init(subject.key(3), filled(0, S23));
            kv.setOptimizer(Optimizer.sgd().build());
            kv.push(subject.key(3), ones(S23));
            assertFilled(kv.pull(subject.key(3)), -0.01f, S23);
        }
    }
}
