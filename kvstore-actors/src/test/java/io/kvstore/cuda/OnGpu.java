package io.kvstore.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.kvstore.cuda.sim.SimulatedDriver;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import io.kvstore.tensor.TensorBytes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** A GPU with one stream, the kernels, and arrays that are given back in the end. */
final class OnGpu implements AutoCloseable {
    private static final long PATIENCE_NANOS = 20_000_000_000L;

    /** Where tests run. */
    enum Machine {
        SIMULATED {
            @Override
            CudaDriver start(long seed) {
                return SimulatedDriver.of(1, seed);
            }
        },
        REAL {
            @Override
            CudaDriver start(long seed) {
                Cuda.Found found = Cuda.find();
                assumeThat(found.reason()).isNull();
                return found.driver();
            }
        };

        abstract CudaDriver start(long seed);
    }

    private final CudaDriver driver;
    private final Gpu gpu;
    private final GpuStream stream;
    private final List<Long> allocations = new ArrayList<>();

    OnGpu(Machine machine, long seed) {
        this.driver = machine.start(seed);
        this.gpu = driver.open(0);
        this.stream = gpu.newStream();
    }

    Gpu gpu() {
        return gpu;
    }

    GpuStream stream() {
        return stream;
    }

    GpuKernels kernels() {
        return new GpuKernels(gpu);
    }

    /** Memory {@code offset} bytes behind an allocation's begin. */
    long allocate(long bytes, int offset) {
        long address = gpu.allocate(bytes + offset + 1);
        allocations.add(address);
        return address + offset;
    }

    /** The tensor's elements on the device, {@code offset} bytes behind an allocation's begin. */
    long put(DenseTensor tensor, int offset) {
        ByteBuffer bytes = ByteBuffer.allocate(tensor.length() * tensor.dtype().bytes());
        TensorBytes.put(tensor, bytes.order(ByteOrder.nativeOrder()));
        return put(bytes.array(), offset);
    }

    long put(long[] numbers) {
        ByteBuffer bytes = ByteBuffer.allocate(numbers.length * Long.BYTES).order(ByteOrder.nativeOrder());
        bytes.asLongBuffer().put(numbers);
        return put(bytes.array(), 0);
    }

    long put(int[] numbers) {
        ByteBuffer bytes = ByteBuffer.allocate(numbers.length * Integer.BYTES).order(ByteOrder.nativeOrder());
        bytes.asIntBuffer().put(numbers);
        return put(bytes.array(), 0);
    }

    long put(byte[] bytes, int offset) {
        long address = allocate(bytes.length, offset);
        if (bytes.length > 0) {
            try (PinnedMemory pinned = gpu.allocatePinned(bytes.length)) {
                pinned.bytes().put(bytes);
                stream.upload(address, pinned, 0, bytes.length);
                finish();
            }
        }
        return address;
    }

    byte[] get(long address, int bytes) {
        byte[] result = new byte[bytes];
        if (bytes > 0) {
            try (PinnedMemory pinned = gpu.allocatePinned(bytes)) {
                stream.download(pinned, 0, address, bytes);
                finish();
                pinned.bytes().get(result);
            }
        }
        return result;
    }

    DenseTensor get(DType dtype, Shape shape, long address) {
        DenseTensor tensor = DenseTensor.zeros(dtype, shape);
        ByteBuffer bytes = ByteBuffer.wrap(get(address, tensor.length() * dtype.bytes()));
        TensorBytes.get(bytes.order(ByteOrder.nativeOrder()), tensor, 0, tensor.length());
        return tensor;
    }

    /** Waits until everything given to the stream is done. */
    void finish() {
        finish(gpu, stream);
    }

    static void finish(Gpu gpu, GpuStream... streams) {
        for (GpuStream stream : streams) {
            try (GpuEvent event = gpu.newEvent()) {
                stream.record(event);
                await(event);
            }
        }
    }

    static void await(GpuEvent event) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!event.isDone()) {
            if (System.nanoTime() > deadline) {
                fail("the event is not done after 20 s");
            }
            LockSupport.parkNanos(10_000);
        }
    }

    /** Gives everything back and asserts that nothing went wrong or was left. */
    @Override
    public void close() {
        allocations.forEach(gpu::free);
        stream.close();
        gpu.close();
        if (driver instanceof SimulatedDriver simulated) {
            assertThat(simulated.faults()).isEmpty();
            assertThat(simulated.leaks()).isEmpty();
            simulated.close();
        }
    }
}
