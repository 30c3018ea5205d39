package io.kvstore.cuda;

import static jcuda.driver.JCudaDriver.CU_MEMHOSTALLOC_PORTABLE;
import static jcuda.driver.JCudaDriver.cuCtxEnablePeerAccess;
import static jcuda.driver.JCudaDriver.cuCtxPopCurrent;
import static jcuda.driver.JCudaDriver.cuCtxPushCurrent;
import static jcuda.driver.JCudaDriver.cuCtxSetCurrent;
import static jcuda.driver.JCudaDriver.cuDeviceCanAccessPeer;
import static jcuda.driver.JCudaDriver.cuDevicePrimaryCtxRelease;
import static jcuda.driver.JCudaDriver.cuDevicePrimaryCtxRetain;
import static jcuda.driver.JCudaDriver.cuEventCreate;
import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemFree;
import static jcuda.driver.JCudaDriver.cuMemGetAddressRange;
import static jcuda.driver.JCudaDriver.cuMemGetInfo;
import static jcuda.driver.JCudaDriver.cuMemHostAlloc;
import static jcuda.driver.JCudaDriver.cuModuleGetFunction;
import static jcuda.driver.JCudaDriver.cuModuleLoadDataJIT;
import static jcuda.driver.JCudaDriver.cuModuleUnload;
import static jcuda.driver.JCudaDriver.cuPointerGetAttribute;
import static jcuda.driver.JCudaDriver.cuStreamCreate;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import jcuda.NativePointerObject;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUfunction;
import jcuda.driver.CUjit_option;
import jcuda.driver.CUmodule;
import jcuda.driver.CUpointer_attribute;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JITOptions;

/** A GPU of the native driver. Each call first makes its context the calling thread's. */
final class NativeGpu implements Gpu {
    private static final int LOG_BYTES = 8192;

    private final GpuInfo info;
    private final CUdevice device;
    private final CUcontext context;
    private final CUmodule module = new CUmodule();
    private final Map<String, CUfunction> functions = new ConcurrentHashMap<>();

    private NativeGpu(GpuInfo info, CUdevice device, CUcontext context) {
        this.info = info;
        this.device = device;
        this.context = context;
    }

    static NativeGpu open(GpuInfo info) {
        CUdevice device = NativeDriver.device(info.ordinal());
        CUcontext context = new CUcontext();
        Calls.check(cuDevicePrimaryCtxRetain(context, device), "making a context on " + info.label());
        NativeGpu gpu = new NativeGpu(info, device, context);
        try {
            gpu.loadKernels(Ptx.shipped());
            return gpu;
        } catch (RuntimeException | Error e) {
            cuDevicePrimaryCtxRelease(device);
            throw e;
        }
    }

    private void loadKernels(String ptx) {
        bind();
        JITOptions options = new JITOptions();
        options.putBytes(CUjit_option.CU_JIT_ERROR_LOG_BUFFER, new byte[LOG_BYTES]);
        options.putInt(CUjit_option.CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES, LOG_BYTES);
        byte[] source = (ptx + "\0").getBytes(StandardCharsets.US_ASCII);
        int code = cuModuleLoadDataJIT(module, Pointer.to(source), options);
        if (code != Results.SUCCESS) {
            String log = options.getString(CUjit_option.CU_JIT_ERROR_LOG_BUFFER);
            String tried = "compiling the kernels for " + info + (log == null ? "" : " [" + log.strip() + "]");
            throw Results.failure(tried, code, Calls.name(code), true);
        }
    }

    /** Makes this GPU's context the calling thread's; every call needs that. */
    void bind() {
        Calls.check(cuCtxSetCurrent(context), "using " + info.label());
    }

    /** The same before something is given back: a lost device has nothing left. */
    void bindToClose() {
        Calls.checkClosing(cuCtxSetCurrent(context), "using " + info.label());
    }

    CUcontext context() {
        return context;
    }

    CUfunction function(String kernel) {
        return functions.computeIfAbsent(kernel, name -> {
            CUfunction function = new CUfunction();
            int code = cuModuleGetFunction(function, module, name);
            if (code != Results.SUCCESS) {
                throw Results.failure("finding kernel " + name, code, Calls.name(code), true);
            }
            return function;
        });
    }

    @Override
    public GpuInfo info() {
        return info;
    }

    @Override
    public long freeBytes() {
        bind();
        long[] free = new long[1];
        Calls.check(cuMemGetInfo(free, new long[1]), "asking for the free memory of " + info.label());
        return free[0];
    }

    @Override
    public long allocate(long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("expected at least 1 byte to allocate, given " + bytes);
        }
        bind();
        Calls.Address address = new Calls.Address();
        Calls.check(cuMemAlloc(address, bytes), "allocating " + bytes + " bytes on " + info.label());
        return address.value();
    }

    @Override
    public void free(long address) {
        bindToClose();
        Calls.checkClosing(cuMemFree(new Calls.Address(address)), "freeing memory of " + info.label());
    }

    /** On threads of the program too, whose own context stays current. */
    @Override
    public long bytesAt(long address) {
        String tried = "asking what lies at an address on " + info.label();
        Calls.check(cuCtxPushCurrent(context), tried);
        try {
            return isHere(address, tried) ? bytesAt(address, tried) : 0;
        } finally {
            cuCtxPopCurrent(new CUcontext());
        }
    }

    /** The range alone would not tell: addresses of all GPUs are known in each context. */
    private boolean isHere(long address, String tried) {
        int[] ordinal = new int[1];
        int code = cuPointerGetAttribute(
                Pointer.to(ordinal),
                CUpointer_attribute.CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL,
                new Calls.Address(address));
        if (code == Results.INVALID_VALUE) { // nobody's memory
            return false;
        }
        Calls.check(code, tried);
        return ordinal[0] == info.ordinal();
    }

    private static long bytesAt(long address, String tried) {
        Calls.Address base = new Calls.Address();
        long[] bytes = new long[1];
        int code = cuMemGetAddressRange(base, bytes, new Calls.Address(address));
        if (code == Results.INVALID_VALUE || code == Results.NOT_FOUND) {
            return 0;
        }
        Calls.check(code, tried);
        return base.value() + bytes[0] - address;
    }

    @Override
    public PinnedMemory allocatePinned(int bytes) {
        bind();
        Pointer pointer = new Pointer();
        int code = cuMemHostAlloc(pointer, bytes, CU_MEMHOSTALLOC_PORTABLE);
        Calls.check(code, "pinning " + bytes + " bytes of host memory");
        return new NativePinned(this, pointer, bytes);
    }

    @Override
    public GpuStream newStream() {
        bind();
        CUstream stream = new CUstream();
        Calls.check(
                cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING), "making a stream on " + info.label());
        return new NativeStream(this, stream, true);
    }

    @Override
    public GpuStream streamOf(long handle) {
        CUstream stream = new CUstream();
        try { // JCuda has no public way to name a stream that other code made
            var pointer = NativePointerObject.class.getDeclaredField("nativePointer");
            pointer.setAccessible(true);
            pointer.setLong(stream, handle);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this version of JCuda cannot take another library's stream", e);
        }
        return new NativeStream(this, stream, false);
    }

    @Override
    public GpuEvent newEvent() {
        bind();
        CUevent event = new CUevent();
        Calls.check(cuEventCreate(event, CUevent_flags.CU_EVENT_DISABLE_TIMING), "making an event on " + info.label());
        return new NativeEvent(this, event);
    }

    @Override
    public boolean reaches(Gpu other) {
        NativeGpu peer = (NativeGpu) other;
        if (peer.info.ordinal() == info.ordinal()) {
            return true;
        }
        bind();
        int[] can = new int[1];
        String tried = "asking whether " + info.label() + " reaches " + peer.info.label();
        Calls.check(cuDeviceCanAccessPeer(can, device, peer.device), tried);
        if (can[0] == 0) {
            return false;
        }
        int code = cuCtxEnablePeerAccess(peer.context, 0);
        return code == Results.SUCCESS || code == Results.PEER_ALREADY_ENABLED;
    }

    @Override
    public void close() {
        bindToClose();
        Calls.checkClosing(cuModuleUnload(module), "unloading the kernels from " + info.label());
        Calls.checkClosing(cuDevicePrimaryCtxRelease(device), "closing " + info.label());
    }
}
