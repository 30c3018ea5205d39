package io.kvstore.cuda;

import static jcuda.driver.JCudaDriver.cuEventDestroy;
import static jcuda.driver.JCudaDriver.cuEventQuery;

import jcuda.driver.CUevent;

/** An event of the native driver. */
final class NativeEvent implements GpuEvent {
    private final NativeGpu gpu;
    private final CUevent event;

    NativeEvent(NativeGpu gpu, CUevent event) {
        this.gpu = gpu;
        this.event = event;
    }

    CUevent event() {
        return event;
    }

    @Override
    public boolean isDone() {
        gpu.bind();
        int code = cuEventQuery(event);
        if (code == Results.NOT_READY) {
            return false;
        }
        if (code != Results.SUCCESS) {
            Calls.check(code, "work on " + gpu.info().label());
        }
        return true;
    }

    @Override
    public void close() {
        gpu.bindToClose();
        Calls.checkClosing(
                cuEventDestroy(event), "closing an event of " + gpu.info().label());
    }
}
