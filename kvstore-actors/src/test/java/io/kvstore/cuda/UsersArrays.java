package io.kvstore.cuda;

import io.kvstore.cuda.sim.SimulatedDriver;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DeviceTensor;
import io.kvstore.tensor.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** A program that keeps arrays on the GPUs of a driver, and uses them in a stream of its own on each. */
final class UsersArrays implements AutoCloseable {
    private static final long PATIENCE_NANOS = 20_000_000_000L;
    private static final long STREAM = 7;

    private final List<Gpu> gpus = new ArrayList<>();
    private final List<DeviceTensor> arrays = new ArrayList<>();
    private final List<PinnedMemory> pinned = new ArrayList<>();

    UsersArrays(SimulatedDriver driver) {
        driver.gpus().forEach(gpu -> gpus.add(driver.open(gpu.ordinal())));
    }

    /** A new array with these values, which the stream has not written yet when this returns. */
    DeviceTensor put(int gpu, float... values) {
        long address = gpus.get(gpu).allocate(4L * values.length);
        DeviceTensor array = DeviceTensor.of(gpu, address, DType.FLOAT32, Shape.of(values.length), STREAM);
        arrays.add(array);
        set(array, values);
        return array;
    }

    /** Lets the stream write these values. */
    void set(DeviceTensor array, float... values) {
        Gpu gpu = gpus.get(array.device());
        PinnedMemory source = gpu.allocatePinned(4 * values.length);
        pinned.add(source);
        source.bytes().asFloatBuffer().put(values);
        gpu.streamOf(STREAM).upload(array.address(), source, 0, 4 * values.length);
    }

    /** What the stream finds there after all that it was given before. */
    float[] get(DeviceTensor array) {
        Gpu gpu = gpus.get(array.device());
        int bytes = (int) array.bytes();
        PinnedMemory target = gpu.allocatePinned(bytes);
        pinned.add(target);
        gpu.streamOf(STREAM).download(target, 0, array.address(), bytes);
        finish(gpu);
        FloatBuffer values = target.bytes().asFloatBuffer();
        float[] copy = new float[values.remaining()];
        values.get(copy);
        return copy;
    }

    /** Waits for the stream. */
    private static void finish(Gpu gpu) {
        try (GpuEvent event = gpu.newEvent()) {
            gpu.streamOf(STREAM).record(event);
            long end = System.nanoTime() + PATIENCE_NANOS;
            while (!event.isDone()) {
                if (System.nanoTime() > end) {
                    throw new AssertionError("the user's stream on " + gpu.info() + " does not end");
                }
                LockSupport.parkNanos(50_000);
            }
        }
    }

    void free(DeviceTensor array) {
        finish(gpus.get(array.device()));
        arrays.remove(array);
        gpus.get(array.device()).free(array.address());
    }

    @Override
    public void close() {
        gpus.forEach(UsersArrays::finish);
        List.copyOf(arrays).forEach(array -> gpus.get(array.device()).free(array.address()));
        pinned.forEach(PinnedMemory::close);
        gpus.forEach(Gpu::close);
    }
}
