package io.kvstore.robust;

import static io.kvstore.robust.Support.assertAll;
import static io.kvstore.robust.Support.await;
import static io.kvstore.robust.Support.filled;
import static io.kvstore.robust.Support.version;
import static io.kvstore.robust.Support.within;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.KVStore;
import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.Updater;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Many threads on one store: nothing is lost, and each thread sees each key's order. */
class ThreadsTest {
    private static final int THREADS = 8;
    private static final int ROUNDS = 200;
    private static final Updater ADD = (key, received, stored) -> stored.addi(received);

    private static KVStore open(String type) {
        KVStore kv = KVStore.builder().type(type).devices(2).build();
        kv.init(
                IntStream.range(0, THREADS + 1).boxed().toList(),
                IntStream.range(0, THREADS + 1).mapToObj(i -> filled(0, 3)).toList());
        kv.setUpdater(ADD);
        return kv;
    }

    /** Runs {@code body} on eight threads at once, with their numbers, and tells what any of them threw. */
    private static void onAllThreads(IntConsumer body) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            CyclicBarrier start = new CyclicBarrier(THREADS);
            List<Future<?>> ends = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                int number = t;
                ends.add(threads.submit(() -> {
                    start.await(Support.SECONDS, TimeUnit.SECONDS);
                    body.accept(number);
                    return null;
                }));
            }
            for (Future<?> end : ends) {
                end.get(Support.SECONDS, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static float sum(KVStore kv, int key) {
        return kv.pull(key).getFloat(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void pushesOfAllThreadsToOneKeyAreAllCounted(String type) throws Exception {
        try (KVStore kv = open(type)) {
            onAllThreads(t -> {
                INDArray one = filled(1, 3);
                for (int i = 0; i < ROUNDS; i++) {
                    kv.push(0, i % 2 == 0 ? List.of(one) : List.of(one, one));
                }
            });
            kv.flush();
            assertThat(kv.pull(0)).isEqualTo(filled(THREADS * ROUNDS * 1.5, 3));
            assertThat(kv.info(0).orElseThrow().version()).isEqualTo(THREADS * ROUNDS);
            assertThat(kv.stats().pushes()).isEqualTo(THREADS * ROUNDS);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void aThreadSeesItsOwnPushesAndVersionsThatNeverFall(String type) throws Exception {
        try (KVStore kv = open(type)) {
            onAllThreads(t -> {
                INDArray one = filled(1, 3);
                long version = 0;
                float shared = 0;
                for (int i = 1; i <= ROUNDS; i++) {
                    kv.push(1 + t, one);
                    assertThat(sum(kv, 1 + t)).isEqualTo(i);
                    kv.push(0, one);
                    float now = sum(kv, 0);
                    assertThat(now).isGreaterThanOrEqualTo(shared + 1).isGreaterThanOrEqualTo(i);
                    shared = now;
                    long versionNow = kv.info(0).orElseThrow().version();
                    assertThat(versionNow).isGreaterThanOrEqualTo(Math.max(version, (long) now));
                    version = versionNow;
                }
            });
            for (int key = 1; key <= THREADS; key++) {
                assertThat(sum(kv, key)).isEqualTo(ROUNDS);
            }
            assertThat(sum(kv, 0)).isEqualTo(THREADS * ROUNDS);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void pushesOfAllSizesAndFormsAreAllCounted(String type) throws Exception {
        try (KVStore kv = KVStore.builder()
                .type(type)
                .devices(2)
                .set("in-flight-bytes", "128 KiB")
                .build()) {
            kv.init(List.of("small", "large"), List.of(filled(0, 3), filled(0, 20_000)));
            kv.setUpdater(ADD);
            onAllThreads(t -> {
                INDArray small = filled(1, 3);
                INDArray large = filled(1, 20_000);
                List<CompletableFuture<Void>> open = new ArrayList<>();
                for (int i = 0; i < 30; i++) {
                    kv.push(List.of("small", "large"), List.of(small, large));
                    kv.pushPull("large", large.dup());
                    open.add(kv.async().push("small", small).toCompletableFuture());
                    open.add(kv.async().handingOver().push("large", large).toCompletableFuture());
                    kv.pull("small", small.dup());
                }
                open.forEach(Support::within);
            });
            kv.flush();
            assertAll(kv, "small", THREADS * 60);
            assertAll(kv, "large", THREADS * 90);
            assertThat(version(kv, "large")).isEqualTo(THREADS * 90);
            assertThat(kv.stats().openCalls()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void aPulledValueIsNeverHalfOfAPush(String type) throws Exception {
        try (KVStore kv = KVStore.builder().type(type).devices(2).build()) {
            kv.init("w", filled(0, 20_000));
            kv.setUpdater(ADD);
            onAllThreads(t -> {
                INDArray mine = filled(1, 20_000);
                for (int i = 0; i < 40; i++) {
                    kv.push("w", mine);
                    INDArray now = kv.pull("w");
                    assertThat(now.minNumber().floatValue())
                            .isEqualTo(now.maxNumber().floatValue());
                    kv.pushPull("w", mine.assign(1));
                    assertThat(mine.minNumber().floatValue())
                            .isEqualTo(mine.maxNumber().floatValue());
                    mine.assign(1);
                }
            });
            assertAll(kv, "w", THREADS * 80);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void ofThreadsThatInitialiseTheSameKeyExactlyOneSucceeds(String type) throws Exception {
        try (KVStore kv = open(type)) {
            for (int round = 0; round < 10; round++) {
                int key = 100 + round;
                AtomicInteger created = new AtomicInteger();
                onAllThreads(t -> {
                    try {
                        kv.init(key, filled(t, 3));
                        created.incrementAndGet();
                    } catch (KVStoreException e) {
                        assertThat(e.reason()).isEqualTo(Reason.ALREADY_INITIALIZED);
                    }
                });
                assertThat(created).hasValue(1);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void stagesCompleteOnTheCallbackDispatcher(String type) {
        try (KVStore kv = open(type)) {
            CountDownLatch gate = new CountDownLatch(1);
            kv.setUpdater((key, received, stored) -> await(gate));
            CompletableFuture<String> thread = kv.async()
                    .push(0, filled(1, 3))
                    .thenApply(done -> Thread.currentThread().getName())
                    .toCompletableFuture();
            CompletableFuture<String> ofPull = kv.async()
                    .pull(0)
                    .thenApply(value -> Thread.currentThread().getName())
                    .toCompletableFuture();
            assertThat(thread).isNotDone();
            gate.countDown();
            assertThat(within(thread)).contains("callback-dispatcher");
            assertThat(within(ofPull)).contains("callback-dispatcher");
        }
    }
}
