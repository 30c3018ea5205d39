package io.kvstore.examples.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PaceTest {
    private static final Pace PACE = new Pace(1, 2, 4, 9, 0.1, 3);

    @ParameterizedTest
    @CsvSource({"1, 1, 2, 4", "2, 1, 2, 6", "2, 2, 2, 8", "2, 2, 4, 4", "2, 2, 16, 2", "8, 8, 8, 8"})
    void warmsUpLongerTheMoreProcessesShareACore(int workers, int servers, int cores, double seconds) {
        Work work = Work.dist("dist_sync", workers, servers, "3x5");
        assertThat(PACE.leastWarmUpSeconds(work, cores)).isEqualTo(seconds);
    }
}
