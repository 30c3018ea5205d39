package io.kvstore.examples.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvstore.cuda.bench.ResNet50;
import io.kvstore.cuda.sim.SimulatedDriver;
import io.kvstore.tensor.DenseTensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProgramsTest {
    private static final DeviceGroup TWO = DeviceGroup.of("gpu(0),gpu(0)");

    private final ByteArrayOutputStream console = new ByteArrayOutputStream();

    @TempDir
    private Path directory;

    @Test
    void aFailedCheckIsToldInEveryFormAndTheRunGoesOn() throws IOException {
        Report report = report();
        try (report) {
            report.check("A01_first", TWO, () -> Expect.equal(1, 2, "the \"value\""));
            report.check("A02_second", TWO, () -> {});
            report.measure("speed", TWO, 0.5, "GB/s");
        }
        assertThat(report.exitCode()).isEqualTo(1);
        assertThat(console.toString(StandardCharsets.UTF_8))
                .isEqualTo(Files.readString(directory.resolve("name.txt")))
                .contains("FAILED: expected: the \"value\" is 1, not 2", "A02_second", "1 of 2 checks passed");
        assertThat(Files.readString(directory.resolve("name.json")))
                .contains(
                        "\"failed\": 1",
                        "{\"name\": \"A01_first\", \"devices\": [\"gpu(0)\", \"gpu(0)\"], \"ok\": false")
                .contains("\"problem\": \"expected: the \\\"value\\\" is 1, not 2\"")
                .contains(
                        "{\"name\": \"speed\", \"devices\": [\"gpu(0)\", \"gpu(0)\"], \"value\": 0.5, \"unit\": \"GB/s\"}");
    }

    @Test
    void aTensorWithOtherBitsIsToldByItsFirstElementThatDiffers() {
        DenseTensor expected = DenseTensor.of(new float[] {1, 0, 2, 4});
        assertThatThrownBy(() -> Expect.equal(expected, DenseTensor.of(new float[] {1, -0f, 2.5f, 4}), "value"))
                .hasMessageContaining("element 1 is the first that differs, the greatest relative difference is 0.25");
        Expect.equal(expected, expected.copy(), "value");
    }

    @Test
    void aStoreOnAnotherDeviceThanAskedForIsNotChecked() {
        try (SimulatedDriver driver = SimulatedDriver.of(1, 0)) {
            assertThatThrownBy(() -> Store.on(DeviceGroup.of("gpu(0),gpu(1)"), driver))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("cpu(1)]")
                    .hasMessageContaining("not gpu(0),gpu(1)");
            assertThat(driver.leaks()).isEmpty();
        }
    }

    @Test
    void whereTwoGpusAreEachIsCheckedAndBothTogether() {
        try (SimulatedDriver driver = SimulatedDriver.of(2, 0)) {
            assertThat(DeviceGroup.all(driver.gpus()))
                    .extracting(DeviceGroup::toString)
                    .contains("cpu(0)", "gpu(0),gpu(0)", "gpu(1),gpu(1),gpu(1),gpu(1)", "gpu(0),gpu(1)")
                    .hasSize(10);
        }
        assertThat(DeviceGroup.all(List.of())).hasSize(3);
    }

    @Test
    void pushesAndPullsOnTheGpuAreTheHostsAndMeasured() throws IOException {
        Report report = report();
        try (SimulatedDriver driver = SimulatedDriver.of(1, 0);
                report) {
            new PushPull(List.of(1, 100, 5000), 3, driver, report).run();
            assertThat(driver.faults()).isEmpty();
            assertThat(driver.leaks()).isEmpty();
        }
        assertThat(report.exitCode()).as(console.toString()).isZero();
        assertThat(console.toString())
                .contains("push and pull, arrays on the GPU", "the host store's time to this one's, host arrays");
    }

    @Test
    void testsOfKernelsThatFailOrAreMissingAreTold() throws IOException {
        Report report = report();
        try (report) {
            KernelTests.run(
                    List.of(
                            "io.kvstore.cuda.UpdateKernelsTest#rulesWithoutKernelAndIntegersAreLeftToTheHost",
                            "io.kvstore.cuda.UpdateKernelsTest#noSuchTest"),
                    report);
        }
        assertThat(console.toString())
                .containsPattern("LeftToTheHost .* ok")
                .containsPattern("noSuchTest .* FAILED: .*noSuchTest");
    }

    @Test
    void resNet50Has161ArraysOf25MillionFloats() {
        assertThat(ResNet50.lengths()).hasSize(161);
        assertThat(ResNet50.lengths().stream().mapToInt(Integer::intValue).sum())
                .isEqualTo(25_557_032);
    }

    @Test
    void aSoakKeepsDeviceMemoryFlat() throws IOException {
        Report report = report();
        try (SimulatedDriver driver = SimulatedDriver.of(1, 0);
                report) {
            new Soak(TWO, driver, report).run(Duration.ofSeconds(1));
            assertThat(driver.leaks()).isEmpty();
        }
        assertThat(report.exitCode()).as(console.toString()).isZero();
        assertThat(console.toString()).contains("1 histories", "GPU has free 25");
    }

    @Test
    void memoryThatShrinksIsNoticed() {
        FreeMemory memory = new FreeMemory(10);
        memory.stays(100);
        memory.stays(200);
        memory.stays(90);
        assertThatThrownBy(() -> memory.stays(89)).hasMessageContaining("about 100 bytes, not 89");
    }

    @Test
    void optionsSayWhatToDo() {
        Options options = Options.of(
                "--devices",
                "gpu(0), cpu(1)",
                "--devices",
                "cpu(0)",
                "--seeds",
                "7",
                "--minutes",
                "0.5",
                "--results",
                "r");
        assertThat(options)
                .isEqualTo(new Options(
                        List.of(DeviceGroup.of("gpu(0),cpu(1)"), DeviceGroup.of("cpu(0)")),
                        7,
                        Duration.ofSeconds(30),
                        Path.of("r")));
        assertThat(Options.of().results()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--seeds", "--seeds x", "--seeds 0", "--minutes -1", "--gpu 1"})
    void wrongOptionsAreNamed(String options) {
        assertThatThrownBy(() -> Options.of(options.split(" ")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(options.split(" ")[0]);
    }

    private Report report() throws IOException {
        return new Report("name", new PrintStream(console, true, StandardCharsets.UTF_8), directory);
    }
}
