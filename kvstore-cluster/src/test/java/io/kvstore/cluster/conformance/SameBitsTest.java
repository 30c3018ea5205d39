package io.kvstore.cluster.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.cluster.TestServers;
import io.kvstore.tensor.DenseTensor;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * However many servers hold the keys, and however they are cut, every worker sees the bits that one process makes of the same
 * gradients.
 */
class SameBitsTest {
    private static final long SEED = 20260203;

    @ParameterizedTest
    @CsvSource({"1, 1 MiB", "1, 40000 B", "2, 1 MiB", "2, 40000 B", "7, 40000 B"})
    void resultsDependNeitherOnTheServersNorOnTheSlices(int count, String slice) {
        everyWorkerSeesWhatOneProcessMakes(count, slice, 2, 3);
    }

    @ParameterizedTest
    @CsvSource({"1, 300000 B", "2, 40000 B"})
    void resultsThatWentThroughMemoryAreTheSame(int count, String slice, @TempDir Path directory) {
        Path memory = directory.resolve("ipc");
        everyWorkerSeesWhatOneProcessMakes(
                count,
                slice + "\nkvstore.link { road = auto, ipc { term-bytes = 64 KiB, directory = \"" + memory + "\" } }",
                3);
        assertThat(memory).as("what is there only if some did").isDirectory();
        long deadline = System.nanoTime() + TestServers.PATIENCE.toNanos();
        while (memory.toFile().list().length > 0) {
            assertThat(System.nanoTime()).as("what servers leave there").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    @Tag("thorough")
    @ParameterizedTest
    @CsvSource({"1, 1 MiB", "7, 1 MiB", "7, 6000 B"})
    void resultsOfSevenWorkersDependNeitherOnTheServersNorOnTheSlices(int count, String slice) {
        everyWorkerSeesWhatOneProcessMakes(count, slice, 7);
    }

    private static void everyWorkerSeesWhatOneProcessMakes(int count, String slice, int... workerCounts) {
        String settings = "kvstore.slice-bytes = " + slice;
        try (TestServers servers = TestServers.start(count, settings)) {
            for (int n : workerCounts) {
                Sequence sequence = new Sequence(SEED, n);
                Map<String, DenseTensor> expected = sequence.inOneProcess();
                try (Workers workers = Workers.of(servers, "dist_sync", n, settings)) {
                    for (Map<String, DenseTensor> seen : workers.all(sequence::ofWorker)) {
                        assertThat(seen.keySet()).isEqualTo(expected.keySet());
                        seen.forEach((what, value) -> assertThat(value.equals(expected.get(what)))
                                .as("%s, %d servers, slices of %s, %d workers, seed %d", what, count, slice, n, SEED)
                                .isTrue());
                    }
                }
            }
        }
    }
}
