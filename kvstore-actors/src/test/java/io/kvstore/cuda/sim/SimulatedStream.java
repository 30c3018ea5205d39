package io.kvstore.cuda.sim;

import io.kvstore.cuda.Arguments;
import io.kvstore.cuda.CudaException;
import io.kvstore.cuda.CudaException.Kind;
import io.kvstore.cuda.Gpu;
import io.kvstore.cuda.GpuEvent;
import io.kvstore.cuda.GpuStream;
import io.kvstore.cuda.PinnedMemory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;

/** A stream of a simulated GPU. */
final class SimulatedStream implements GpuStream {
    private final SimulatedGpu gpu;
    private final int id;
    private final Clock clock = new Clock();
    private final Queue<Operation> waiting = new ArrayDeque<>();
    private final List<EventRecord> unfinished = new ArrayList<>();
    private boolean busy;
    private boolean closed;

    SimulatedStream(SimulatedGpu gpu, int id) {
        this.gpu = gpu;
        this.id = id;
    }

    int id() {
        return id;
    }

    boolean isLost() {
        return gpu.isLost();
    }

    synchronized boolean isIdle() {
        return waiting.isEmpty() && !busy;
    }

    synchronized boolean isReady() {
        return !busy && !waiting.isEmpty() && waiting.peek().isReady();
    }

    synchronized Operation take() {
        busy = true;
        return waiting.poll();
    }

    // ---- given off by the host

    @Override
    public void upload(long to, PinnedMemory from, int offset, int bytes) {
        SimulatedPinned source = (SimulatedPinned) from;
        checkRange(source, offset, bytes);
        long before = source.sumOf(offset, bytes);
        copying("upload of " + bytes + " bytes", operation -> {
            Allocation target = gpu.space().find(to, bytes);
            source.allocation().touch(operation, offset, bytes, false);
            target.touch(operation, DeviceSpace.offsetOf(to), bytes, true);
            if (source.sumOf(offset, bytes) != before) {
                gpu.driver().fault(source + " was changed while " + operation + " was pending");
            }
            source.allocation().pinnedBytes().get(offset, target.deviceBytes(), DeviceSpace.offsetOf(to), bytes);
        });
    }

    @Override
    public void download(PinnedMemory to, int offset, long from, int bytes) {
        SimulatedPinned target = (SimulatedPinned) to;
        checkRange(target, offset, bytes);
        target.pending(offset, bytes);
        copying("download of " + bytes + " bytes", operation -> {
            Allocation source = gpu.space().find(from, bytes);
            source.touch(operation, DeviceSpace.offsetOf(from), bytes, false);
            target.allocation().touch(operation, offset, bytes, true);
            target.allocation().pinnedBytes().put(offset, source.deviceBytes(), DeviceSpace.offsetOf(from), bytes);
        });
    }

    @Override
    public void copy(long to, long from, long bytes) {
        copying("copy of " + bytes + " bytes", operation -> {
            checkSight(from);
            checkSight(to);
            copyNow(operation, to, from, Math.toIntExact(bytes));
        });
    }

    @Override
    public void copyFrom(Gpu other, long to, long from, long bytes) {
        if (!gpu.sees(other.info().ordinal())) {
            throw new CudaException(
                    Kind.REFUSED,
                    705,
                    "CUDA_ERROR_PEER_ACCESS_NOT_ENABLED",
                    "copying from " + other.info().label() + ", which "
                            + gpu.info().label() + " does not reach");
        }
        copying("copy of " + bytes + " bytes from " + other.info().label(), operation -> {
            if (DeviceSpace.gpuOf(from) != other.info().ordinal()
                    || DeviceSpace.gpuOf(to) != gpu.info().ordinal()) {
                throw new DeviceSpace.Violation("copied between other GPUs than named", false);
            }
            copyNow(operation, to, from, Math.toIntExact(bytes));
        });
    }

    private void copyNow(Operation operation, long to, long from, int bytes) {
        Allocation source = gpu.space().find(from, bytes);
        Allocation target = gpu.space().find(to, bytes);
        source.touch(operation, DeviceSpace.offsetOf(from), bytes, false);
        target.touch(operation, DeviceSpace.offsetOf(to), bytes, true);
        System.arraycopy(
                source.deviceBytes(),
                DeviceSpace.offsetOf(from),
                target.deviceBytes(),
                DeviceSpace.offsetOf(to),
                bytes);
    }

    @Override
    public void fill(long to, byte value, long bytes) {
        copying("fill of " + bytes + " bytes", operation -> {
            Allocation target = gpu.space().find(to, bytes);
            int from = DeviceSpace.offsetOf(to);
            target.touch(operation, from, bytes, true);
            Arrays.fill(target.deviceBytes(), from, from + Math.toIntExact(bytes), value);
        });
    }

    @Override
    public void launch(String kernel, int blocks, int threads, Arguments arguments) {
        gpu.checkAlive("starting kernel " + kernel);
        PtxKernel code = gpu.kernelFor(kernel, blocks, threads, arguments.size());
        byte[] parameters = Arrays.copyOf(arguments.bytes(), code.parameterBytes());
        copying("kernel " + kernel, operation -> {
            PtxMemory memory = new PtxMemory(gpu.space(), operation, gpu::sees, parameters);
            code.execute(blocks, threads, memory, gpu.driver().worker().random());
        });
    }

    @Override
    public void record(GpuEvent event) {
        gpu.checkAlive("recording an event");
        synchronized (this) {
            EventRecord record = new EventRecord(clockNow());
            ((SimulatedEvent) event).recorded(record);
            unfinished.add(record);
            add("event", null, operation -> finished(record));
        }
        gpu.driver().worker().add(this);
    }

    private synchronized void finished(EventRecord record) {
        unfinished.remove(record);
        record.done();
    }

    @Override
    public void await(GpuEvent event) {
        gpu.checkAlive("waiting for an event");
        EventRecord record = ((SimulatedEvent) event).record();
        if (record == null) {
            return;
        }
        synchronized (this) {
            clock.join(record.clock());
            add("wait", record, operation -> {});
        }
        gpu.driver().worker().add(this);
    }

    private void copying(String what, Consumer<Operation> work) {
        gpu.checkAlive(what);
        synchronized (this) {
            add(what, null, work);
        }
        gpu.driver().worker().add(this);
    }

    private void add(String what, EventRecord awaited, Consumer<Operation> work) {
        if (closed) {
            gpu.driver().fault(what + " was given to " + this + ", which is closed");
        }
        long count = clock.next(id);
        Operation[] self = new Operation[1];
        self[0] = new Operation(what, this, count, clockNow(), awaited, () -> work.accept(self[0]));
        waiting.add(self[0]);
    }

    /** What comes before the next operation. */
    private Clock clockNow() {
        clock.join(gpu.driver().seenByHost());
        return clock.copy();
    }

    private void checkRange(SimulatedPinned memory, int offset, int bytes) {
        if (offset < 0 || bytes < 0 || (long) offset + bytes > memory.size()) {
            throw new CudaException(
                    Kind.REFUSED,
                    1,
                    "CUDA_ERROR_INVALID_VALUE",
                    "copying " + bytes + " bytes from byte " + offset + " of " + memory);
        }
    }

    private void checkSight(long address) {
        if (!gpu.sees(DeviceSpace.gpuOf(address))) {
            throw new DeviceSpace.Violation(
                    "copied memory that is not within reach of " + gpu.info().label(), false);
        }
    }

    // ---- done by the worker

    void execute(Operation operation) {
        if (gpu.losesNow()) {
            gpu.lose();
        }
        try {
            if (!gpu.isLost()) {
                operation.run();
                synchronized (gpu.driver()) {
                    operation.settle(gpu.driver());
                }
            }
        } catch (DeviceSpace.Violation e) {
            gpu.driver().fault(operation + " of " + gpu.info().label() + ": " + e.getMessage());
            gpu.lose(
                    e.isMisaligned() ? 716 : 700,
                    e.isMisaligned() ? "CUDA_ERROR_MISALIGNED_ADDRESS" : "CUDA_ERROR_ILLEGAL_ADDRESS",
                    e.getMessage());
        } catch (RuntimeException e) {
            gpu.driver().fault(operation + " of " + gpu.info().label() + ": " + e);
            gpu.lose(719, "CUDA_ERROR_LAUNCH_FAILED", e.toString());
        } finally {
            synchronized (this) {
                busy = false;
            }
        }
    }

    synchronized void lost(CudaException failure) {
        waiting.clear();
        unfinished.forEach(record -> record.lost(failure));
        unfinished.clear();
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        gpu.closed(this);
    }

    @Override
    public String toString() {
        return "stream " + id + " of " + gpu.info().label();
    }
}
