package io.kvstore.cuda;

import static jcuda.driver.JCudaDriver.cuEventRecord;
import static jcuda.driver.JCudaDriver.cuLaunchKernel;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoDAsync;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoHAsync;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoDAsync;
import static jcuda.driver.JCudaDriver.cuMemcpyPeerAsync;
import static jcuda.driver.JCudaDriver.cuMemsetD8Async;
import static jcuda.driver.JCudaDriver.cuStreamDestroy;
import static jcuda.driver.JCudaDriver.cuStreamWaitEvent;

import jcuda.Pointer;
import jcuda.driver.CUfunction;
import jcuda.driver.CUstream;

/** A stream of the native driver. */
final class NativeStream implements GpuStream {
    private final NativeGpu gpu;
    private final CUstream stream;
    private final boolean own;

    /** @param own whether to close it closes the driver's stream */
    NativeStream(NativeGpu gpu, CUstream stream, boolean own) {
        this.gpu = gpu;
        this.stream = stream;
        this.own = own;
    }

    @Override
    public void upload(long to, PinnedMemory from, int offset, int bytes) {
        Pointer source = ((NativePinned) from).at(offset, bytes);
        gpu.bind();
        check(cuMemcpyHtoDAsync(new Calls.Address(to), source, bytes, stream), "uploading ", bytes);
    }

    @Override
    public void download(PinnedMemory to, int offset, long from, int bytes) {
        Pointer target = ((NativePinned) to).at(offset, bytes);
        gpu.bind();
        check(cuMemcpyDtoHAsync(target, new Calls.Address(from), bytes, stream), "downloading ", bytes);
    }

    @Override
    public void copy(long to, long from, long bytes) {
        gpu.bind();
        check(cuMemcpyDtoDAsync(new Calls.Address(to), new Calls.Address(from), bytes, stream), "copying ", bytes);
    }

    @Override
    public void copyFrom(Gpu other, long to, long from, long bytes) {
        gpu.bind();
        int code = cuMemcpyPeerAsync(
                new Calls.Address(to),
                gpu.context(),
                new Calls.Address(from),
                ((NativeGpu) other).context(),
                bytes,
                stream);
        check(code, "copying from " + other.info().label() + " ", bytes);
    }

    @Override
    public void fill(long to, byte value, long bytes) {
        gpu.bind();
        check(cuMemsetD8Async(new Calls.Address(to), value, bytes, stream), "filling ", bytes);
    }

    @Override
    public void launch(String kernel, int blocks, int threads, Arguments arguments) {
        gpu.bind();
        CUfunction function = gpu.function(kernel);
        Pointer parameters = Pointer.to(Pointer.to(arguments.bytes()));
        int code = cuLaunchKernel(function, blocks, 1, 1, threads, 1, 1, 0, stream, parameters, null);
        if (code != Results.SUCCESS) {
            String tried = "starting " + blocks + " blocks of " + threads + " threads of kernel " + kernel + " on "
                    + gpu.info().label();
            throw Results.failure(tried, code, Calls.name(code), true);
        }
    }

    @Override
    public void record(GpuEvent event) {
        gpu.bind();
        check(cuEventRecord(((NativeEvent) event).event(), stream), "recording an event", 0);
    }

    @Override
    public void await(GpuEvent event) {
        gpu.bind();
        check(cuStreamWaitEvent(stream, ((NativeEvent) event).event(), 0), "waiting for an event", 0);
    }

    private void check(int code, String tried, long bytes) {
        if (code != Results.SUCCESS) {
            String what = bytes == 0 ? tried : tried + bytes + " bytes";
            Calls.check(code, what + " on " + gpu.info().label());
        }
    }

    @Override
    public void close() {
        if (own) {
            gpu.bindToClose();
            Calls.checkClosing(
                    cuStreamDestroy(stream), "closing a stream of " + gpu.info().label());
        }
    }
}
