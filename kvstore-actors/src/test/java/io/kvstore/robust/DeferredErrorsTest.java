package io.kvstore.robust;

import static io.kvstore.robust.Support.assertAll;
import static io.kvstore.robust.Support.filled;
import static io.kvstore.robust.Support.refused;
import static io.kvstore.robust.Support.until;
import static io.kvstore.robust.Support.version;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.KVStore;
import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A push that fails after its call has returned is told exactly once: by the key's next call, a flush, or close. */
class DeferredErrorsTest {

    /** A store whose updater fails for negative gradients. */
    private static KVStore open(String type) {
        KVStore kv = KVStore.builder().type(type).devices(2).build();
        kv.init(List.of("w", "v", "other"), List.of(filled(2, 2, 3), filled(4, 2, 3), filled(0, 1)));
        kv.setUpdater((key, received, stored) -> {
            if (received.getFloat(0) < 0) {
                throw new IllegalArgumentException("negative: " + received.getFloat(0));
            }
            stored.addi(received);
        });
        return kv;
    }

    /** Pushes what will fail, and waits until it has, without a call on the key. */
    private static void failedPush(KVStore kv, String key, double value) {
        long refusedBefore = kv.stats().refused();
        kv.push(key, filled(value, 2, 3));
        until(
                "the push has failed",
                () -> kv.stats().refused() > refusedBefore && kv.stats().openCalls() == 0);
        kv.pull("other"); // a reply of another key: the one before has been taken in
    }

    static Stream<Arguments> nextCalls() {
        INDArray one = filled(1, 2, 3);
        record Next(String name, Consumer<KVStore> call) {}
        return Stream.of(
                        new Next("push", kv -> kv.push("w", one)),
                        new Next("pushPull", kv -> kv.pushPull("w", one, one.dup())),
                        new Next("pull", kv -> kv.pull("w")),
                        new Next("pull into an output", kv -> kv.pull("w", filled(0, 2, 3))),
                        new Next("delete", kv -> kv.delete("w")),
                        new Next("push of several keys", kv -> kv.push(List.of("v", "w"), Arrays.asList(one, one))),
                        new Next("asynchronous push", kv -> kv.async().push("w", one)),
                        new Next("asynchronous pull", kv -> kv.async().pull("w")),
                        new Next("flush", KVStore::flush))
                .flatMap(next -> Stream.of("local", "device").map(type -> Arguments.of(type, next.name, next.call)));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("nextCalls")
    void theNextCallThrowsItOnceAndDoesNothing(String type, String name, Consumer<KVStore> next) {
        try (KVStore kv = open(type)) {
            failedPush(kv, "w", -7);
            KVStoreException failure = refused(Reason.UPDATER_FAILED, () -> next.accept(kv));
            assertThat(failure).hasMessageContainingAll("key 'w'", "negative: -7.0", "the value kept");
            assertThat(failure.key()).contains(Key.of("w"));

            kv.flush();
            assertAll(kv, "w", 2);
            assertAll(kv, "v", 4);
            assertThat(version(kv, "w")).isZero();
            assertThat(version(kv, "v")).isZero();
            next.accept(kv);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void anOutputIsNotWrittenByAPullThatTellsAFailure(String type) {
        try (KVStore kv = open(type)) {
            failedPush(kv, "w", -1);
            INDArray out = filled(9, 2, 3);
            refused(Reason.UPDATER_FAILED, () -> kv.pull("w", out));
            assertThat(out).isEqualTo(filled(9, 2, 3));
            kv.pull("w", out);
            assertThat(out).isEqualTo(filled(2, 2, 3));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void otherKeysDoNotTellIt(String type) {
        try (KVStore kv = open(type)) {
            failedPush(kv, "w", -1);
            kv.push("v", filled(1, 2, 3));
            assertAll(kv, "v", 5);
            refused(Reason.UPDATER_FAILED, () -> kv.pull("w"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void flushThrowsTheFirstWithTheOthersSuppressed(String type) {
        try (KVStore kv = open(type)) {
            failedPush(kv, "w", -1);
            failedPush(kv, "v", -2);
            KVStoreException failure = refused(Reason.UPDATER_FAILED, kv::flush);
            assertThat(failure).hasMessageContaining("negative: -1.0");
            assertThat(failure.getSuppressed())
                    .singleElement()
                    .isInstanceOfSatisfying(
                            KVStoreException.class,
                            other -> assertThat(other).hasMessageContainingAll("key 'v'", "negative: -2.0"));
            kv.flush();
            assertAll(kv, "w", 2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void closeThrowsTheFirstUnseenFailureAfterReleasingEverything(String type) {
        KVStore kv = open(type);
        failedPush(kv, "w", -1);
        KVStoreException failure = refused(Reason.UPDATER_FAILED, kv::close);
        assertThat(failure).hasMessageContainingAll("key 'w'", "negative: -1.0");
        assertThat(kv.stats().liveBytes()).isZero();
        kv.close();
        refused(Reason.CLOSED, () -> kv.pull("w"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void pushPullTellsItsOwnFailure(String type) {
        try (KVStore kv = open(type)) {
            INDArray inPlace = filled(-3, 2, 3);
            KVStoreException failure = refused(Reason.UPDATER_FAILED, () -> kv.pushPull("w", inPlace));
            assertThat(failure).hasMessageContaining("negative: -3.0");
            assertThat(inPlace).isEqualTo(filled(-3, 2, 3));
            kv.flush();
            assertAll(kv, "w", 2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void aStageTellsItsFailureAndNobodyElse(String type) {
        try (KVStore kv = open(type)) {
            KVStoreException failure = refused(Reason.UPDATER_FAILED, kv.async().push("w", filled(-1, 2, 3)));
            assertThat(failure).hasMessageContainingAll("key 'w'", "negative: -1.0");
            kv.flush();
            assertAll(kv, "w", 2);
        }
    }
}
