package io.kvstore.cuda.sim;

import io.kvstore.cuda.CudaException;
import io.kvstore.cuda.CudaException.Kind;
import io.kvstore.cuda.Gpu;
import io.kvstore.cuda.GpuEvent;
import io.kvstore.cuda.GpuInfo;
import io.kvstore.cuda.GpuStream;
import io.kvstore.cuda.PinnedMemory;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A simulated GPU, which can also be told to fail. */
public final class SimulatedGpu implements Gpu {
    private final SimulatedDriver driver;
    private final GpuInfo info;
    private final DeviceSpace space;
    private final Map<String, PtxKernel> kernels;
    private final Set<SimulatedStream> streams = new HashSet<>();
    private final Set<SimulatedEvent> events = new HashSet<>();
    private final Set<Integer> peers = new HashSet<>();
    private SimulatedStream usersStream;
    private long used;
    private long most;
    private int opened;
    private long operationsLeft = Long.MAX_VALUE;
    private long launchesLeft = Long.MAX_VALUE;
    private long launchesToFail;
    private volatile CudaException lost;

    SimulatedGpu(SimulatedDriver driver, GpuInfo info, DeviceSpace space, Map<String, PtxKernel> kernels) {
        this.driver = driver;
        this.info = info;
        this.space = space;
        this.kernels = kernels;
        peers.add(info.ordinal());
    }

    // ---- what only a simulated one can do

    /** Loses the device now, as after a fault of the hardware. */
    public void lose() {
        lose(214, "CUDA_ERROR_ECC_UNCORRECTABLE", "told to be lost");
    }

    /** Loses the device when it has begun {@code operations} more copies, fills or kernels. */
    public synchronized void loseAfter(long operations) {
        operationsLeft = operations;
    }

    /** Refuses {@code count} starts of kernels after the next {@code launches}. */
    public synchronized void failLaunches(long launches, long count) {
        launchesLeft = launches;
        launchesToFail = count;
    }

    /** Bytes of device memory in use. */
    public synchronized long usedBytes() {
        return used;
    }

    /** The most that were in use at one time. */
    public synchronized long mostUsedBytes() {
        return most;
    }

    /** Whether a stream has work to do. */
    public synchronized boolean isBusy() {
        return streams.stream().anyMatch(stream -> !stream.isIdle());
    }

    // ---- the driver's side

    SimulatedDriver driver() {
        return driver;
    }

    synchronized SimulatedGpu opened() {
        checkAlive("opening");
        opened++;
        return this;
    }

    boolean isLost() {
        return lost != null;
    }

    void checkAlive(String tried) {
        CudaException failure = lost;
        if (failure != null) {
            throw new CudaException(
                    failure.kind(), failure.code(), failure.codeName(), tried + " on " + info.label() + " failed");
        }
    }

    /** Once it is lost, nothing that waits will be done. */
    void lose(int code, String codeName, String why) {
        List<SimulatedStream> all;
        synchronized (this) {
            if (lost != null) {
                return;
            }
            lost = new CudaException(Kind.DEVICE_LOST, code, codeName, info.label() + " is lost: " + why);
            all = List.copyOf(streams);
        }
        all.forEach(stream -> stream.lost(lost));
        driver.worker().wake();
    }

    /** Counts an operation that begins. */
    synchronized boolean losesNow() {
        return operationsLeft != Long.MAX_VALUE && operationsLeft-- <= 0;
    }

    /** The kernel that is to be started, if it can be. */
    PtxKernel kernelFor(String name, int blocks, int threads, int argumentBytes) {
        PtxKernel kernel = kernels.get(name);
        if (kernel == null) {
            throw new CudaException(Kind.LAUNCH_FAILED, 500, "CUDA_ERROR_NOT_FOUND", "there is no kernel " + name);
        }
        if (argumentBytes > kernel.parameterBytes() || argumentBytes <= kernel.parameterBytes() - 8) {
            driver.fault("kernel " + name + " has parameters of " + kernel.parameterBytes() + " bytes, given "
                    + argumentBytes);
        }
        if (blocks < 1 || threads < 1 || threads > kernel.mostThreads()) {
            throw new CudaException(
                    Kind.LAUNCH_FAILED,
                    1,
                    "CUDA_ERROR_INVALID_VALUE",
                    "starting " + blocks + " blocks of " + threads + " threads of kernel " + name);
        }
        if (failsLaunch()) {
            throw new CudaException(
                    Kind.LAUNCH_FAILED,
                    701,
                    "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES",
                    "starting kernel " + name + " on " + info.label() + ": told to fail");
        }
        return kernel;
    }

    private synchronized boolean failsLaunch() {
        if (launchesToFail == 0) {
            return false;
        }
        if (launchesLeft > 0) {
            launchesLeft--;
            return false;
        }
        launchesToFail--;
        return true;
    }

    synchronized boolean sees(int ordinal) {
        return peers.contains(ordinal);
    }

    DeviceSpace space() {
        return space;
    }

    synchronized void closed(SimulatedStream stream) {
        streams.remove(stream);
    }

    synchronized void closed(SimulatedEvent event) {
        events.remove(event);
    }

    synchronized void leaksInto(List<String> leaks) {
        if (lost == null) {
            space.live(info.ordinal()).forEach(allocation -> leaks.add(allocation.toString()));
        }
        streams.stream()
                .filter(stream -> stream != usersStream)
                .forEach(stream -> leaks.add(stream + " is open" + (stream.isIdle() ? "" : ", with work to do")));
        if (!events.isEmpty()) {
            leaks.add(events.size() + " events of " + info.label() + " are open");
        }
        if (opened > 0) {
            leaks.add(info.label() + " is open");
        }
    }

    // ---- a GPU

    @Override
    public GpuInfo info() {
        return info;
    }

    @Override
    public synchronized long freeBytes() {
        checkAlive("asking for free memory");
        return info.totalBytes() - used;
    }

    @Override
    public synchronized long allocate(long bytes) {
        checkAlive("allocating " + bytes + " bytes");
        if (used + bytes > info.totalBytes()) {
            throw new CudaException(
                    Kind.OUT_OF_MEMORY,
                    2,
                    "CUDA_ERROR_OUT_OF_MEMORY",
                    "allocating " + bytes + " bytes on " + info.label() + " failed, " + (info.totalBytes() - used)
                            + " are free");
        }
        used += bytes;
        most = Math.max(most, used);
        return space.add(info.ordinal(), Math.toIntExact(bytes));
    }

    @Override
    public synchronized void free(long address) {
        Allocation allocation = space.any(address);
        if (DeviceSpace.offsetOf(address) != 0) {
            driver.fault("freed in the middle: " + allocation);
        }
        used -= allocation.isFreed() ? 0 : allocation.size();
        synchronized (driver) {
            allocation.free(driver.seenByHost(), driver);
        }
    }

    @Override
    public long bytesAt(long address) {
        checkAlive("asking what lies at an address");
        return space.bytesAt(info.ordinal(), address);
    }

    @Override
    public PinnedMemory allocatePinned(int bytes) {
        checkAlive("pinning memory");
        return driver.pin(bytes);
    }

    @Override
    public synchronized GpuStream newStream() {
        checkAlive("making a stream");
        SimulatedStream stream = new SimulatedStream(this, driver.nextStream());
        streams.add(stream);
        return stream;
    }

    /** The user's stream of every handle is the same one. */
    @Override
    public synchronized GpuStream streamOf(long handle) {
        if (usersStream == null) {
            usersStream = (SimulatedStream) newStream();
        }
        return new UsersStream(usersStream);
    }

    @Override
    public synchronized GpuEvent newEvent() {
        checkAlive("making an event");
        SimulatedEvent event = new SimulatedEvent(this);
        events.add(event);
        return event;
    }

    @Override
    public synchronized boolean reaches(Gpu other) {
        checkAlive("reaching " + other.info().label());
        int ordinal = other.info().ordinal();
        if (driver.peers()) {
            peers.add(ordinal);
        }
        return peers.contains(ordinal);
    }

    @Override
    public synchronized void close() {
        if (opened == 0) {
            driver.fault(info.label() + " is closed more often than opened");
        }
        opened--;
    }
}
