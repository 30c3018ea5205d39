package io.kvstore.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvstore.cuda.sim.SimulatedDriver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceMemoryTest {
    private static final int MIB = 1 << 20;

    @Test
    void sizesAreRoundedUpByAnEighthAtMost() {
        assertThat(DeviceMemory.sizeFor(1)).isEqualTo(256);
        assertThat(DeviceMemory.sizeFor(256)).isEqualTo(256);
        assertThat(DeviceMemory.sizeFor(257)).isEqualTo(288);
        for (long bytes = 256; bytes < 1L << 40; bytes = bytes * 9 / 7 + 1) {
            long size = DeviceMemory.sizeFor(bytes);
            assertThat(size).isBetween(bytes, bytes + bytes / 8);
            assertThat(DeviceMemory.sizeFor(size)).isEqualTo(size);
        }
    }

    @Test
    void aReleasedBufferIsUsedAgainAfterTheWorkOnIt() {
        SimulatedDriver driver =
                SimulatedDriver.builder().slow(Duration.ofMillis(5)).start();
        Gpu gpu = driver.open(0);
        GpuStream first = gpu.newStream();
        GpuStream second = gpu.newStream();
        try (DeviceMemory memory = new DeviceMemory(gpu, MIB)) {
            DeviceBuffer buffer = memory.take(1000, first);
            first.fill(buffer.address(), (byte) 1, 1000);
            buffer.release(first);
            DeviceBuffer again = memory.take(1000, second);
            assertThat(again.address()).isEqualTo(buffer.address());
            second.fill(again.address(), (byte) 2, 1000);
            again.release(second);
        }
        close(driver, gpu, first, second);
    }

    @Test
    void theCheckerWouldSeeABufferThatIsUsedTooEarly() {
        SimulatedDriver driver =
                SimulatedDriver.builder().slow(Duration.ofMillis(5)).start();
        Gpu gpu = driver.open(0);
        GpuStream first = gpu.newStream();
        GpuStream second = gpu.newStream();
        DeviceMemory memory = new DeviceMemory(gpu, MIB);
        DeviceBuffer buffer = memory.take(1000, first);
        first.fill(buffer.address(), (byte) 1, 1000);
        buffer.release(); // says that no stream works on it
        DeviceBuffer again = memory.take(1000, second);
        second.fill(again.address(), (byte) 2, 1000);
        again.release(second);
        OnGpu.finish(gpu, first, second);
        memory.close();
        assertThat(driver.faults()).anySatisfy(fault -> assertThat(fault).startsWith("race: "));
        driver.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whatIsIdleStaysWithinTheBoundAndEverythingIsFreedInTheEnd(long seed) {
        SimulatedDriver driver = SimulatedDriver.of(1, seed);
        Gpu gpu = driver.open(0);
        GpuStream[] streams = {gpu.newStream(), gpu.newStream(), gpu.newStream()};
        Random random = new Random(seed);
        try (DeviceMemory memory = new DeviceMemory(gpu, MIB)) {
            List<DeviceBuffer> held = new ArrayList<>();
            for (int i = 0; i < 2000; i++) {
                GpuStream stream = streams[random.nextInt(streams.length)];
                if (held.size() < 10 && random.nextBoolean()) {
                    DeviceBuffer buffer = memory.take(1 + random.nextInt(200_000), stream);
                    stream.fill(buffer.address(), (byte) i, buffer.bytes());
                    buffer.release(stream);
                    held.add(memory.take(1 + random.nextInt(50_000), stream));
                } else if (!held.isEmpty()) {
                    held.remove(random.nextInt(held.size())).release();
                }
            }
            long heldBytes = held.stream().mapToLong(DeviceBuffer::bytes).sum();
            assertThat(memory.usedBytes()).as("seed %d", seed).isEqualTo(heldBytes);
            held.forEach(DeviceBuffer::release);
            OnGpu.finish(gpu, streams);
            memory.take(1, streams[0]).release(); // unused, so what is surplus is freed at once
            assertThat(memory.idleBytes()).as("seed %d", seed).isLessThanOrEqualTo(MIB);
        }
        assertThat(driver.gpu(0).usedBytes()).as("seed %d", seed).isZero();
        close(driver, gpu, streams);
    }

    @Test
    void idleBuffersOfOtherSizesMakeRoomBeforeMemoryRunsOut() {
        SimulatedDriver driver = SimulatedDriver.builder().memory(4 * MIB).start();
        Gpu gpu = driver.open(0);
        GpuStream stream = gpu.newStream();
        try (DeviceMemory memory = new DeviceMemory(gpu, 4 * MIB)) {
            memory.take(3 * MIB, stream).release(stream);
            OnGpu.finish(gpu, stream);
            DeviceBuffer two = memory.take(2 * MIB, stream);
            assertThatThrownBy(() -> memory.take(3 * MIB, stream))
                    .isInstanceOfSatisfying(
                            CudaException.class, e -> assertThat(e.kind()).isEqualTo(CudaException.Kind.OUT_OF_MEMORY))
                    .hasMessageContaining("3145728 bytes on gpu(0)");
            memory.take(MIB, stream).release(stream);
            two.release(stream);
        }
        close(driver, gpu, stream);
    }

    @Test
    void aBiggerBufferThatIsStillWorkedOnIsBetterThanNone() {
        SimulatedDriver driver = SimulatedDriver.builder()
                .memory(4 * MIB)
                .slow(Duration.ofMillis(20))
                .start();
        Gpu gpu = driver.open(0);
        GpuStream stream = gpu.newStream();
        GpuStream other = gpu.newStream();
        try (DeviceMemory memory = new DeviceMemory(gpu, 4 * MIB)) {
            DeviceBuffer big = memory.take(3 * MIB, stream);
            stream.fill(big.address(), (byte) 1, 3 * MIB);
            big.release(stream);
            DeviceBuffer small = memory.take(2 * MIB, other);
            assertThat(small.address()).isEqualTo(big.address());
            other.fill(small.address(), (byte) 2, 2 * MIB);
            small.release(other);
        }
        close(driver, gpu, stream, other);
    }

    @Test
    void aBufferIsReleasedOnce() {
        SimulatedDriver driver = SimulatedDriver.of(1, 0);
        Gpu gpu = driver.open(0);
        GpuStream stream = gpu.newStream();
        try (DeviceMemory memory = new DeviceMemory(gpu, MIB)) {
            DeviceBuffer buffer = memory.take(1000, stream);
            buffer.release(stream);
            assertThatThrownBy(() -> buffer.release(stream))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("released twice");
        }
        close(driver, gpu, stream);
    }

    @Test
    void aLostDeviceTakesItsBuffersBackWithoutComplaint() {
        SimulatedDriver driver = SimulatedDriver.of(1, 0);
        Gpu gpu = driver.open(0);
        GpuStream stream = gpu.newStream();
        try (DeviceMemory memory = new DeviceMemory(gpu, MIB)) {
            memory.take(500, stream).release(stream);
            DeviceBuffer held = memory.take(1000, stream);
            stream.fill(held.address(), (byte) 1, 1000);
            driver.gpu(0).lose();
            held.release(stream);
            assertThatThrownBy(() -> memory.take(500, stream))
                    .isInstanceOfSatisfying(
                            CudaException.class, e -> assertThat(e.kind()).isEqualTo(CudaException.Kind.DEVICE_LOST));
            assertThat(memory.usedBytes()).isZero();
        }
        close(driver, gpu, stream);
    }

    private static void close(SimulatedDriver driver, Gpu gpu, GpuStream... streams) {
        for (GpuStream stream : streams) {
            stream.close();
        }
        gpu.close();
        assertThat(driver.faults()).isEmpty();
        assertThat(driver.leaks()).isEmpty();
        driver.close();
    }
}
