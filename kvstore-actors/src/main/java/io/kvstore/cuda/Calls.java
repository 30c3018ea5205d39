package io.kvstore.cuda;

import static jcuda.driver.JCudaDriver.cuGetErrorName;

import jcuda.driver.CUdeviceptr;

/** What all calls of the driver by way of JCuda share. */
final class Calls {
    private Calls() {}

    /** A device address as JCuda wants it. */
    static final class Address extends CUdeviceptr {
        Address() {}

        Address(long address) {
            super(new CUdeviceptr(), address);
        }

        /** What an allocation wrote here. */
        long value() {
            return getNativePointer();
        }
    }

    /** @param tried such as {@code allocating 12 bytes on gpu(0)} */
    static void check(int code, String tried) {
        if (code != Results.SUCCESS) {
            throw Results.failure(tried, code, name(code), false);
        }
    }

    /** A lost device has nothing left that could be given back. */
    static void checkClosing(int code, String tried) {
        if (Results.kind(code, false) != CudaException.Kind.DEVICE_LOST) {
            check(code, tried);
        }
    }

    static String name(int code) {
        String[] name = new String[1];
        cuGetErrorName(code, name);
        return name[0] == null ? "unknown result" : name[0];
    }
}
