package io.kvstore.robust;

import static io.kvstore.robust.Support.assertAll;
import static io.kvstore.robust.Support.filled;
import static io.kvstore.robust.Support.refused;
import static io.kvstore.robust.Support.within;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.typesafe.config.ConfigFactory;
import io.kvstore.AsyncKVStore;
import io.kvstore.KVStore;
import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.compression.GradientCompression;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Compressed pushes by every road into the store, and what becomes of what they leave. */
class CompressedPushesTest {
    private static final long LARGE = 50_000; // beyond what is captured inline

    /** A device store whose keys add up what is pushed. */
    private static KVStore open(GradientCompression compression) {
        KVStore kv = KVStore.create("device");
        kv.setUpdater((key, received, stored) -> stored.addi(received));
        kv.setGradientCompression(compression);
        return kv;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 5, LARGE})
    void everyRoadPacksAndSharesTheResiduals(long length) {
        try (KVStore kv = open(GradientCompression.twoBit(0.5))) {
            kv.init("w", filled(0, length));
            kv.push("w", filled(0.3, length));
            assertAll(kv, "w", 0);
            within(kv.async().push("w", filled(0.3, length)));
            assertAll(kv, "w", 0.5);
            AsyncKVStore handing = kv.async().handingOver();
            within(handing.push(List.of("w"), List.of(filled(0.5, length))));
            assertAll(kv, "w", 1);
            INDArray out = filled(-7, length);
            kv.pushPull("w", filled(0.5, length), out);
            assertThat(out.getFloat(length - 1)).isEqualTo(1.5f);
            within(kv.async().pushPull("w", filled(0.5, length), out));
            assertThat(out.getFloat(0)).isEqualTo(2);
            kv.push(Map.of("w", List.of(filled(0.5, length), filled(0.5, length))));
            assertAll(kv, "w", 3);
        }
    }

    @Test
    void anArrayMayChangeOnceItsPushReturned() {
        try (KVStore kv = open(GradientCompression.fp16())) {
            kv.init("w", filled(0, LARGE));
            INDArray gradient = filled(1, LARGE);
            for (int i = 1; i <= 20; i++) {
                gradient.assign(1);
                kv.push("w", gradient);
                gradient.assign(-77);
            }
            assertAll(kv, "w", 20);
        }
    }

    @Test
    void viewsArePackedByTheirLogicalValue() {
        try (KVStore kv = open(GradientCompression.topK(0.25))) {
            kv.init("w", Nd4j.zeros(2, 4));
            INDArray transposed = Nd4j.createFromArray(new float[][] {{0, 5}, {1, 0}, {-6, 2}, {0, 3}})
                    .transpose();
            kv.push("w", transposed);
            assertThat(kv.pull("w").toFloatMatrix()).isEqualTo(new float[][] {{0, 0, -6, 0}, {5, 0, 0, 0}});
        }
    }

    @Test
    void arraysWithoutElementsAndScalarsArePacked() {
        for (GradientCompression each : List.of(
                GradientCompression.oneBit(0), GradientCompression.twoBit(0.5), GradientCompression.topK(0.5))) {
            try (KVStore kv = KVStore.create("device")) {
                kv.setGradientCompression(each);
                kv.init("empty", Nd4j.empty(DataType.FLOAT));
                kv.push("empty", Nd4j.empty(DataType.FLOAT));
                kv.init("scalar", Nd4j.scalar(0f));
                kv.push("scalar", Nd4j.scalar(1f));
                kv.flush();
                assertThat(kv.pull("scalar").getFloat(0)).isEqualTo(each.type().equals("2bit") ? 0.5f : 1);
            }
        }
    }

    @Test
    void aRefusedPushOfSeveralKeysLeavesAllResidualsAsTheyWere() {
        try (KVStore kv = open(GradientCompression.twoBit(0.5))) {
            kv.init(List.of("a", "b"), List.of(filled(0, 3), filled(0, 3)));
            kv.push("a", filled(0.3, 3));
            INDArray broken = filled(0.3, 3);
            broken.putScalar(2, Float.NaN);
            for (List<?> wrong : List.of(
                    List.of(filled(0.3, 3), broken),
                    List.of(filled(0.3, 3), filled(0.3, 4)),
                    List.of(filled(0.3, 3), List.of(filled(0.3, 3), broken)))) {
                KVStoreException refusal =
                        catchThrowableOfType(KVStoreException.class, () -> kv.push(List.of("a", "b"), wrong));
                assertThat(refusal.key()).contains(Key.of("b"));
            }
            kv.push("a", filled(0.1, 3)); // 0.3 + 0.1: nothing of the refused pushes is in it
            assertAll(kv, "a", 0);
            kv.push("a", filled(0.1, 3));
            assertAll(kv, "a", 0.5);
            assertAll(kv, "b", 0);
        }
    }

    @Test
    void aPushThatFailsLaterIsReportedAndWhatItLeftIsSentByTheNext() {
        try (KVStore kv = KVStore.create("device")) {
            boolean[] fail = {true};
            kv.setUpdater((key, received, stored) -> {
                if (fail[0]) {
                    throw new IllegalStateException("as planned");
                }
                stored.addi(received);
            });
            kv.setGradientCompression(GradientCompression.twoBit(0.5));
            kv.init("w", filled(0, 2));
            kv.push("w", filled(0.75, 2));
            refused(Reason.UPDATER_FAILED, kv::flush);
            fail[0] = false;
            kv.push("w", filled(0.25, 2)); // 0.25 is left of the failed push
            assertAll(kv, "w", 0.5);
        }
    }

    @Test
    void compressionCanBeSwitchedOffAndOnAndThenStartsAtZero() {
        try (KVStore kv = open(GradientCompression.twoBit(0.5))) {
            kv.init("w", filled(0, 2));
            kv.push("w", filled(0.4, 2));
            kv.setGradientCompression(GradientCompression.none());
            kv.push("w", filled(0.125, 2));
            assertAll(kv, "w", 0.125);
            kv.setGradientCompression(GradientCompression.twoBit(0.5));
            kv.push("w", filled(0.4, 2));
            assertAll(kv, "w", 0.125);
        }
    }

    @Test
    void settingAnEqualCompressionAgainKeepsTheResidualsAndAnotherOneDoesNot() {
        try (KVStore kv = open(GradientCompression.twoBit(0.5))) {
            kv.init("w", filled(0, 2));
            kv.push("w", filled(0.4, 2));
            kv.setGradientCompression(Map.of("type", "2bit"));
            kv.push("w", filled(0.2, 2));
            assertAll(kv, "w", 0.5);
            kv.push("w", filled(0.2, 2));
            kv.setGradientCompression(GradientCompression.twoBit(0.25));
            kv.push("w", filled(0.2, 2));
            assertAll(kv, "w", 0.5);
        }
    }

    @Test
    void aKeyThatWasDeletedStartsAtZeroWhoeverDeletedIt() {
        try (KVStore kv = open(GradientCompression.twoBit(0.5))) {
            List<Runnable> deletions =
                    List.of(() -> kv.delete("w"), () -> within(kv.async().delete(Key.of("w"))));
            for (Runnable delete : deletions) {
                kv.init("w", filled(0, 2));
                kv.push("w", filled(0.4, 2));
                delete.run();
                kv.init("w", filled(0, 3));
                kv.push("w", filled(0.4, 3));
                assertAll(kv, "w", 0);
                kv.delete("w");
            }
        }
    }

    @Test
    void residualsCountAsLiveMemoryAndAreFreedWithTheirKeyOrTheCompression() {
        try (KVStore kv = open(GradientCompression.twoBit(0.5))) {
            kv.init(List.of("a", "b"), List.of(filled(0, LARGE), filled(0, LARGE)));
            long before = kv.stats().liveBytes();
            long each = 4 * LARGE;
            kv.push("a", List.of(filled(1, LARGE), filled(1, LARGE)));
            kv.push("b", filled(1, LARGE));
            kv.flush();
            assertThat(kv.stats().liveBytes()).isEqualTo(before + 3 * each);
            kv.delete("a");
            assertThat(kv.stats().liveBytes()).isEqualTo(before - each + each);
            kv.setGradientCompression(GradientCompression.none());
            assertThat(kv.stats().liveBytes()).isEqualTo(before - each);
        }
    }

    @Test
    void whatTravelsIsThePayloadAndNotTheGradient() {
        try (KVStore kv = open(GradientCompression.twoBit(0.5))) {
            kv.init("w", filled(0, 1600));
            kv.push("w", List.of(filled(1, 1600), filled(1, 1600)));
            kv.flush();
            assertThat(kv.stats().bytesPushed()).isEqualTo(2 * 400);
        }
    }

    @Test
    void packedPushesWaitForRoomByTheirPackedSize() {
        var config = ConfigFactory.parseString("kvstore { in-flight-bytes = 4 KiB, patience = 20 s }")
                .withFallback(ConfigFactory.load());
        try (KVStore kv = KVStore.builder().type("device").config(config).build()) {
            kv.setUpdater((key, received, stored) -> stored.addi(received));
            kv.setGradientCompression(GradientCompression.twoBit(1));
            kv.init("w", filled(0, LARGE));
            List<CompletionStage<Void>> stages = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                stages.add(kv.async().push("w", filled(1, LARGE)));
            }
            stages.forEach(Support::within);
            assertAll(kv, "w", 50);
            assertThat(kv.stats().inFlightBytes()).isZero();
        }
    }

    @Test
    void anUpdaterMayPushToAnotherKey() {
        try (KVStore kv = KVStore.create("device")) {
            CompletableFuture<Void> pushed = new CompletableFuture<>();
            kv.setUpdater((key, received, stored) -> {
                stored.addi(received);
                if (key.equals(Key.of("a"))) {
                    kv.async().push("b", received).whenComplete((done, failure) -> {
                        if (failure == null) {
                            pushed.complete(null);
                        } else {
                            pushed.completeExceptionally(failure);
                        }
                    });
                }
            });
            kv.setGradientCompression(GradientCompression.twoBit(0.5));
            kv.init(List.of("a", "b"), List.of(filled(0, LARGE), filled(0, LARGE)));
            kv.push("a", filled(0.75, LARGE));
            within(pushed);
            assertAll(kv, "b", 0.5);
        }
    }

    @Test
    void pushesOfSeveralThreadsLoseNothing() {
        try (KVStore kv = open(GradientCompression.twoBit(0.5))) {
            kv.init("w", filled(0, 100));
            List<CompletableFuture<Void>> threads = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                threads.add(CompletableFuture.runAsync(() -> {
                    for (int i = 0; i < 200; i++) {
                        kv.push("w", filled(0.125, 100));
                    }
                }));
            }
            threads.forEach(Support::within);
            kv.flush();
            assertAll(kv, "w", 4 * 200 * 0.125);
        }
    }

    @Test
    void aClosedStoreTakesNoCompressionAndNoneIsNoCompression() {
        KVStore kv = KVStore.create("device");
        refused(Reason.INVALID_ARGUMENT, () -> kv.setGradientCompression((GradientCompression) null));
        kv.close();
        refused(Reason.CLOSED, () -> kv.setGradientCompression(GradientCompression.fp16()));
    }
}
