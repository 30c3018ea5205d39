package io.kvstore.robust;

import static io.kvstore.robust.Support.filled;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.KVStore;
import io.kvstore.optimizer.Optimizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Ten thousand rounds of training traffic: what the store holds does not grow. */
@Tag("thorough")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SoakTest {
    private static final int ROUNDS = 10_000;
    private static final int WARM_UP = 12_000;
    private static final int KEYS = 50;
    private static final int FIRST = 5;
    private static final Path STATUS = Path.of("/proc/self/status");

    /** Mostly small keys, some that are lent instead of captured. */
    private static long length(int key) {
        return key % 10 == 0 ? 20_000 + key : 1 + 37L * key % 900;
    }

    private static KVStore open(String type) {
        KVStore kv = KVStore.builder().type(type).devices(2).build();
        kv.setOptimizer(Optimizer.sgd().learningRate(0.01).momentum(0.9).build());
        for (int key = 0; key < KEYS; key++) {
            kv.init(key, filled(0, length(key)));
        }
        return kv;
    }

    private final List<INDArray> gradients = new ArrayList<>();
    private final List<INDArray> outs = new ArrayList<>();

    /** The compiler takes memory too, until all that is used often is compiled. */
    @BeforeAll
    void warmUp() {
        for (int key = 0; key < KEYS; key++) {
            gradients.add(filled(1, length(key)));
            outs.add(filled(0, length(key)));
        }
        for (String type : List.of("local", "device")) {
            try (KVStore kv = open(type)) {
                for (int i = 0; i < WARM_UP; i++) {
                    round(kv, i);
                    if (i % 500 == 0) {
                        openAndClose(type, i);
                    }
                }
            }
        }
    }

    private static long residentKib() throws IOException {
        return Files.readAllLines(STATUS).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    /** The least of several readings: just after a collection the freed pages still count. */
    private static long settledKib() throws IOException {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 10; i++) {
            System.gc();
            least = Math.min(least, residentKib());
        }
        return least;
    }

    /** What is in use after the collections of {@link #settledKib}. */
    private static long usedHeapKib() {
        Runtime runtime = Runtime.getRuntime();
        return (runtime.totalMemory() - runtime.freeMemory()) / 1024;
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void memoryStaysAsItIsOverManyRounds(String type) throws IOException {
        Assumptions.assumeTrue(Files.exists(STATUS), "resident memory is read from " + STATUS);
        try (KVStore kv = open(type)) {
            for (int i = 0; i < FIRST; i++) { // every key once: the optimizer has its states
                round(kv, i);
            }
            kv.flush();
            long live = kv.stats().liveBytes();
            long half = 0;
            long heapAtHalf = 0;
            for (int i = FIRST; i < ROUNDS; i++) {
                round(kv, i);
                if (i % 500 == 0) {
                    openAndClose(type, i);
                }
                if (i == ROUNDS / 2) {
                    half = settledKib();
                    heapAtHalf = usedHeapKib();
                }
            }
            kv.flush();
            assertThat(kv.stats().liveBytes()).isEqualTo(live);
            assertThat(kv.stats().inFlightBytes()).isZero();
            assertThat(kv.info(KEYS - 1).orElseThrow().version()).isEqualTo(pushesOf(KEYS - 1));
            long end = settledKib();
            assertThat(usedHeapKib())
                    .as("heap KiB in use at the end, %s in the middle", heapAtHalf)
                    .isLessThan(heapAtHalf + heapAtHalf / 4);
            assertThat(end)
                    .as("resident KiB at the end, %s in the middle", half)
                    .isLessThan(half + half / 20);
        }
    }

    private void openAndClose(String type, int round) {
        try (KVStore other = open(type)) {
            round(other, round);
        }
    }

    /** A round visits ten keys: some in one call, some one by one. */
    private void round(KVStore kv, int round) {
        List<Integer> keys = new ArrayList<>();
        for (int key = round % FIRST; key < KEYS; key += FIRST) {
            keys.add(key);
        }
        List<INDArray> pushed = keys.stream().map(gradients::get).toList();
        List<INDArray> pulled = keys.stream().map(outs::get).toList();
        if (round % 3 == 0) {
            kv.pushPull(keys, pushed, pulled);
        } else {
            kv.push(keys, pushed);
            kv.pull(keys, pulled);
        }
        if (round % 50 == 0) {
            kv.pull(keys).forEach(INDArray::close);
        }
    }

    private static long pushesOf(int key) {
        long pushes = 0;
        for (int round = 0; round < ROUNDS; round++) {
            pushes += round % FIRST == key % FIRST ? 1 : 0;
        }
        return pushes;
    }
}
