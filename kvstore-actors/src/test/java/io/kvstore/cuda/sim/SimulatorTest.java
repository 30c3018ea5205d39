package io.kvstore.cuda.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvstore.cuda.Arguments;
import io.kvstore.cuda.CudaException;
import io.kvstore.cuda.CudaException.Kind;
import io.kvstore.cuda.Gpu;
import io.kvstore.cuda.GpuEvent;
import io.kvstore.cuda.GpuKernels;
import io.kvstore.cuda.GpuStream;
import io.kvstore.cuda.PinnedMemory;
import io.kvstore.tensor.DType;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** That the checks find what they are for: each fault here is planted. */
class SimulatorTest {
    private static final Duration SLOW = Duration.ofMillis(3);

    private static void finish(Gpu gpu, GpuStream... streams) {
        for (GpuStream stream : streams) {
            try (GpuEvent event = gpu.newEvent()) {
                stream.record(event);
                long deadline = System.nanoTime() + 20_000_000_000L;
                while (!event.isDone() && System.nanoTime() < deadline) {
                    LockSupport.parkNanos(10_000);
                }
                assertThat(event.isDone()).isTrue();
            }
        }
    }

    private static void assertFails(ThrowingCallable call, Kind kind, int code) {
        assertThatThrownBy(call).isInstanceOfSatisfying(CudaException.class, e -> {
            assertThat(e.kind()).isEqualTo(kind);
            assertThat(e.code()).isEqualTo(code);
        });
    }

    private static void assertLostBy(SimulatedDriver driver, Gpu gpu, GpuStream stream, int code, String fault) {
        assertFails(() -> finish(gpu, stream), Kind.DEVICE_LOST, code);
        assertThat(driver.faults()).hasSize(1).first().asString().contains(fault);
        assertFails(() -> gpu.allocate(1), Kind.DEVICE_LOST, code);
        assertFails(() -> stream.fill(0, (byte) 0, 1), Kind.DEVICE_LOST, code);
    }

    @Test
    void aKernelThatReadsBehindItsArrayLosesTheDevice() {
        try (SimulatedDriver driver = SimulatedDriver.of(1, 0)) {
            Gpu gpu = driver.open(0);
            GpuStream stream = gpu.newStream();
            long small = gpu.allocate(100);
            long big = gpu.allocate(104);
            new GpuKernels(gpu).sum(stream, DType.FLOAT32, new long[] {small}, big, 26);
            assertLostBy(driver, gpu, stream, 700, "bytes 100 to 103 are beyond the end of allocation 0");
        }
    }

    @Test
    void aKernelThatReadsFreedMemoryLosesTheDevice() {
        try (SimulatedDriver driver = SimulatedDriver.of(1, 0)) {
            Gpu gpu = driver.open(0);
            GpuStream stream = gpu.newStream();
            long freed = gpu.allocate(100);
            long live = gpu.allocate(100);
            gpu.free(freed);
            new GpuKernels(gpu).sum(stream, DType.FLOAT32, new long[] {freed}, live, 25);
            assertLostBy(driver, gpu, stream, 700, "freed memory");
        }
    }

    @Test
    void anAddressThatIsNotAlignedToItsElementsLosesTheDevice() {
        try (SimulatedDriver driver = SimulatedDriver.of(1, 0)) {
            Gpu gpu = driver.open(0);
            GpuStream stream = gpu.newStream();
            long memory = gpu.allocate(100);
            new GpuKernels(gpu).sum(stream, DType.FLOAT32, new long[] {memory + 2}, memory + 2, 3);
            assertLostBy(driver, gpu, stream, 716, "is no multiple of 4");
        }
    }

    @Test
    void memoryOfAGpuThatIsNotReachedLosesTheDevice() {
        try (SimulatedDriver driver =
                SimulatedDriver.builder().gpus(2).withoutPeers().start()) {
            Gpu gpu = driver.open(0);
            Gpu other = driver.open(1);
            GpuStream stream = gpu.newStream();
            long there = other.allocate(100);
            assertThat(gpu.reaches(other)).isFalse();
            long here = gpu.allocate(100);
            assertFails(() -> stream.copyFrom(other, here, there, 100), Kind.REFUSED, 705);
            new GpuKernels(gpu).sum(stream, DType.FLOAT32, new long[] {there}, here, 25);
            assertLostBy(driver, gpu, stream, 700, "not within reach");
            assertThat(other.freeBytes()).isPositive();
        }
    }

    @Test
    void twoStreamsThatNoEventPutsInOrderAreARace() {
        for (boolean ordered : new boolean[] {true, false}) {
            try (SimulatedDriver driver = SimulatedDriver.of(1, 7)) {
                Gpu gpu = driver.open(0);
                GpuStream first = gpu.newStream();
                GpuStream second = gpu.newStream();
                GpuEvent event = gpu.newEvent();
                long memory = gpu.allocate(100);
                long copy = gpu.allocate(100);
                first.fill(memory, (byte) 1, 100);
                first.record(event);
                if (ordered) {
                    second.await(event);
                }
                second.copy(copy, memory, 100);
                finish(gpu, first, second);
                if (ordered) {
                    assertThat(driver.faults()).isEmpty();
                } else {
                    assertThat(driver.faults()).singleElement().asString().startsWith("race: ");
                }
            }
        }
    }

    @Test
    void streamsThatOnlyReadOrTouchOtherBytesAreNoRace() {
        try (SimulatedDriver driver = SimulatedDriver.of(1, 7)) {
            Gpu gpu = driver.open(0);
            GpuStream first = gpu.newStream();
            GpuStream second = gpu.newStream();
            long memory = gpu.allocate(100);
            long copies = gpu.allocate(100);
            first.copy(copies, memory, 50);
            second.copy(copies + 50, memory, 50);
            finish(gpu, first, second);
            assertThat(driver.faults()).isEmpty();
        }
    }

    @Test
    void gpusThatReachEachOtherCopyAndAreHeldToTheSameOrder() {
        for (boolean ordered : new boolean[] {true, false}) {
            try (SimulatedDriver driver = SimulatedDriver.of(2, 3)) {
                Gpu gpu = driver.open(0);
                Gpu other = driver.open(1);
                assertThat(gpu.reaches(other)).isTrue();
                GpuStream stream = gpu.newStream();
                GpuStream others = other.newStream();
                GpuEvent filled = other.newEvent();
                long here = gpu.allocate(4);
                long there = other.allocate(4);
                others.fill(there, (byte) 42, 4);
                others.record(filled);
                if (ordered) {
                    stream.await(filled);
                }
                stream.copyFrom(other, here, there, 4);
                PinnedMemory pinned = gpu.allocatePinned(4);
                stream.download(pinned, 0, here, 4);
                finish(gpu, stream);
                finish(other, others);
                if (ordered) {
                    assertThat(pinned.bytes().getInt(0)).isEqualTo(0x2a2a2a2a);
                    assertThat(driver.faults()).isEmpty();
                } else {
                    assertThat(driver.faults()).singleElement().asString().startsWith("race: ");
                }
            }
        }
    }

    @Test
    void pinnedMemoryChangedUnderAPendingUploadIsReported() {
        try (SimulatedDriver driver = SimulatedDriver.builder().slow(SLOW).start()) {
            Gpu gpu = driver.open(0);
            GpuStream stream = gpu.newStream();
            PinnedMemory pinned = gpu.allocatePinned(10);
            stream.upload(gpu.allocate(10), pinned, 0, 10);
            pinned.bytes().put(3, (byte) 42);
            finish(gpu, stream);
            assertThat(driver.faults()).singleElement().asString().contains("was changed while upload of 10 bytes");
        }
    }

    @Test
    void memoryGivenBackBeforeAnybodyAskedWhetherItsUseIsDoneIsReported() {
        try (SimulatedDriver driver = SimulatedDriver.of(1, 0)) {
            Gpu gpu = driver.open(0);
            GpuStream stream = gpu.newStream();
            GpuStream other = gpu.newStream();
            long memory = gpu.allocate(10);
            stream.fill(memory, (byte) 1, 10);
            GpuEvent event = gpu.newEvent();
            stream.record(event);
            other.await(event);
            try (GpuEvent filled = gpu.newEvent()) {
                other.record(filled);
                finish(gpu, other); // so the fill is done, and known to be: freed in time
            }
            gpu.free(memory);
            assertThat(driver.faults()).isEmpty();
            long again = gpu.allocate(10);
            stream.copy(again, again, 10);
            while (driver.gpu(0).isBusy()) {
                LockSupport.parkNanos(10_000);
            }
            gpu.free(again);
            assertThat(driver.faults()).singleElement().asString().contains("freed too early");
        }
    }

    @Test
    void whatIsNotClosedIsALeak() {
        try (SimulatedDriver driver = SimulatedDriver.of(1, 0)) {
            Gpu gpu = driver.open(0);
            GpuStream stream = gpu.newStream();
            GpuEvent event = gpu.newEvent();
            PinnedMemory pinned = gpu.allocatePinned(7);
            long memory = gpu.allocate(5);
            assertThat(driver.leaks())
                    .containsExactlyInAnyOrder(
                            "allocation 0 of gpu(0), 5 bytes",
                            "stream 0 of gpu(0) is open",
                            "1 events of gpu(0) are open",
                            "gpu(0) is open",
                            "pinned memory of 7 bytes");
            gpu.free(memory);
            pinned.close();
            event.close();
            stream.close();
            gpu.close();
            assertThat(driver.leaks()).isEmpty();
            assertThat(driver.faults()).isEmpty();
        }
    }

    @Test
    void memoryEndsWhereItsSizeSays() {
        try (SimulatedDriver driver = SimulatedDriver.builder().memory(1000).start()) {
            Gpu gpu = driver.open(0);
            long most = gpu.allocate(900);
            assertFails(() -> gpu.allocate(101), Kind.OUT_OF_MEMORY, 2);
            assertThat(gpu.freeBytes()).isEqualTo(100);
            gpu.free(most);
            gpu.allocate(1000);
        }
    }

    @Test
    void aStartThatFailsChangesNothingAndTheNextOneSucceeds() {
        try (SimulatedDriver driver = SimulatedDriver.of(1, 0)) {
            Gpu gpu = driver.open(0);
            GpuStream stream = gpu.newStream();
            GpuKernels kernels = new GpuKernels(gpu);
            long memory = gpu.allocate(100);
            driver.gpu(0).failLaunches(1, 2);
            kernels.sum(stream, DType.INT32, new long[] {memory}, memory, 25);
            for (int i = 0; i < 2; i++) {
                assertFails(
                        () -> kernels.sum(stream, DType.INT32, new long[] {memory}, memory, 25),
                        Kind.LAUNCH_FAILED,
                        701);
            }
            kernels.sum(stream, DType.INT32, new long[] {memory}, memory, 25);
            assertFails(() -> stream.launch("nothing", 1, 1, new Arguments()), Kind.LAUNCH_FAILED, 500);
            Arguments cast = new Arguments().add(memory).add(memory).add(0L).add(0);
            assertFails(() -> stream.launch("cast_float32_float16", 1, 257, cast), Kind.LAUNCH_FAILED, 1);
            finish(gpu, stream);
            assertThat(driver.faults()).isEmpty();
        }
    }

    @Test
    void aDeviceIsLostWhenToldAndTheOtherGoesOn() {
        try (SimulatedDriver driver = SimulatedDriver.of(2, 0)) {
            Gpu gpu = driver.open(0);
            Gpu other = driver.open(1);
            GpuStream stream = gpu.newStream();
            GpuStream others = other.newStream();
            GpuEvent event = gpu.newEvent();
            driver.gpu(0).loseAfter(1);
            long memory = gpu.allocate(10);
            stream.fill(memory, (byte) 1, 10);
            stream.fill(memory, (byte) 2, 10);
            assertFails(() -> finish(gpu, stream), Kind.DEVICE_LOST, 214);
            assertFails(event::isDone, Kind.DEVICE_LOST, 214);
            others.fill(other.allocate(10), (byte) 1, 10);
            finish(other, others);
            assertThat(driver.faults()).isEmpty();
        }
    }

    @Test
    void anInstructionThatIsNotKnownIsRefusedByItsName() {
        String ptx = SimulatedDriver.shippedPtx().replaceFirst("add\\.rn\\.f32", "add.f32");
        assertThatThrownBy(() -> SimulatedDriver.builder().ptx(ptx))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("unknown instruction add.f32");
    }
}
