package io.kvstore.cuda.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.cuda.Gpu;
import io.kvstore.cuda.sim.SimulatedDriver;
import java.util.List;
import org.junit.jupiter.api.Test;

class GpuBenchmarkTest {
    @Test
    void everyFigureIsMeasuredAndNothingIsLeftBehind() throws InterruptedException {
        try (SimulatedDriver driver = SimulatedDriver.of(1, 0)) {
            List<Measured> figures;
            try (Gpu gpu = driver.open(0);
                    GpuBenchmark benchmark = new GpuBenchmark(gpu, 1 << 12, 2)) {
                figures = benchmark.run();
            }
            assertThat(figures)
                    .extracting(Measured::what)
                    .containsExactly(
                            "upload of pinned memory",
                            "download to pinned memory",
                            "staged upload of a Java array",
                            "staged download to a Java array",
                            "copy within the device",
                            "sum of 2, float32",
                            "sum of 4, float32",
                            "sum of 8, float32",
                            "sum of 2, float16",
                            "sum of 4, float16",
                            "sum of 8, float16",
                            "sum of 4 and sgd with momentum, float32",
                            "sum of 4 and adam, float32");
            assertThat(figures).allSatisfy(figure -> {
                assertThat(figure.bytesPerSecond()).isPositive();
                assertThat(figure.ratio()).isPositive();
            });
            assertThat(driver.faults()).isEmpty();
            assertThat(driver.leaks()).isEmpty();
        }
    }

    @Test
    void figuresAreOneLineOfJson() {
        Measured sum = new Measured("sum of 2", 2.5e12, 0.85, "copy");
        assertThat(Measured.json("driver", "gpu", 16, List.of(sum, sum)))
                .isEqualTo(
                        "{\"driver\": \"driver\", \"gpu\": \"gpu\", \"bytes\": 16, \"figures\": ["
                                + "{\"what\": \"sum of 2\", \"gbPerSecond\": 2500.0000, \"ratio\": 0.8500, \"against\": \"copy\"}, "
                                + "{\"what\": \"sum of 2\", \"gbPerSecond\": 2500.0000, \"ratio\": 0.8500, \"against\": \"copy\"}]}");
        assertThat(sum).hasToString("sum of 2                               2500.00 GB/s   0.85 of copy");
    }
}
