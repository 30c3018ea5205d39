package io.kvstore.cuda;

import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuDeviceGetAttribute;
import static jcuda.driver.JCudaDriver.cuDeviceGetCount;
import static jcuda.driver.JCudaDriver.cuDeviceGetName;
import static jcuda.driver.JCudaDriver.cuDeviceTotalMem;
import static jcuda.driver.JCudaDriver.cuDriverGetVersion;
import static jcuda.driver.JCudaDriver.cuInit;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.JCudaDriver;

/** The CUDA driver of this machine by way of JCuda, which needs {@code libcuda.so.1} and nothing else of CUDA. */
final class NativeDriver implements CudaDriver {
    /** CUDA 12.0, the first driver that every GPU in use today has had; it reads the kernels' PTX. */
    private static final int OLDEST_VERSION = 12_000;

    private final int version;
    private final List<GpuInfo> gpus;

    private NativeDriver(int version, List<GpuInfo> gpus) {
        this.version = version;
        this.gpus = List.copyOf(gpus);
    }

    /** @throws LinkageError if JCuda, its library or the driver is missing */
    static void load() {
        JCudaDriver.setExceptionsEnabled(false); // every result is looked at here
    }

    /** The driver, or in one line why there is none. */
    static Cuda.Found find() {
        try {
            return start();
        } catch (UnsatisfiedLinkError e) {
            return new Cuda.Found(null, reason(String.valueOf(e.getMessage())));
        } catch (CudaException e) {
            return new Cuda.Found(null, e.getMessage());
        }
    }

    private static Cuda.Found start() {
        int code = cuInit(0);
        if (code == Results.NO_DEVICE) {
            return new Cuda.Found(null, "the CUDA driver finds no GPU on this machine");
        }
        if (code != Results.SUCCESS) {
            return new Cuda.Found(
                    null,
                    "the CUDA driver does not start (" + Calls.name(code) + ", " + code
                            + "): look whether nvidia-smi runs, and whether driver and kernel module have one version");
        }
        int[] version = new int[1];
        Calls.check(cuDriverGetVersion(version), "asking for the driver's version");
        if (version[0] < OLDEST_VERSION) {
            return new Cuda.Found(
                    null,
                    "the CUDA driver is too old: it is for CUDA " + text(version[0]) + ", 12.0 or later is needed");
        }
        List<GpuInfo> gpus = list();
        return gpus.isEmpty()
                ? new Cuda.Found(null, "the CUDA driver finds no GPU on this machine")
                : new Cuda.Found(new NativeDriver(version[0], gpus), null);
    }

    /** JCuda's message is a page with stack traces; a person needs to know which library is missing. */
    static String reason(String message) {
        if (message.contains("libcuda.so")) {
            return "there is no CUDA driver on this machine (libcuda.so.1 is not found): install NVIDIA's driver";
        }
        if (message.contains("undefined symbol")) {
            return "the CUDA driver is too old: it lacks functions of CUDA 12.6, for which JCuda was built";
        }
        return "JCuda's library for this machine is not on the class path: add org.jcuda:jcuda-natives:12.6.0 with the"
                + " classifier linux-x86_64 (" + message.lines().findFirst().orElse("") + ")";
    }

    private static List<GpuInfo> list() {
        int[] count = new int[1];
        Calls.check(cuDeviceGetCount(count), "counting GPUs");
        List<GpuInfo> gpus = new ArrayList<>();
        for (int ordinal = 0; ordinal < count[0]; ordinal++) {
            gpus.add(describe(ordinal));
        }
        return gpus;
    }

    private static GpuInfo describe(int ordinal) {
        CUdevice device = device(ordinal);
        byte[] name = new byte[256];
        Calls.check(cuDeviceGetName(name, name.length, device), "asking for the name of gpu(" + ordinal + ")");
        int end = 0;
        while (end < name.length && name[end] != 0) {
            end++;
        }
        long[] bytes = new long[1];
        Calls.check(cuDeviceTotalMem(bytes, device), "asking for the memory of gpu(" + ordinal + ")");
        return new GpuInfo(
                ordinal,
                new String(name, 0, end, StandardCharsets.UTF_8),
                bytes[0],
                attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR),
                attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR),
                attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT));
    }

    static CUdevice device(int ordinal) {
        CUdevice device = new CUdevice();
        Calls.check(cuDeviceGet(device, ordinal), "opening gpu(" + ordinal + ")");
        return device;
    }

    private static int attribute(CUdevice device, int attribute) {
        int[] value = new int[1];
        Calls.check(cuDeviceGetAttribute(value, attribute, device), "asking for attribute " + attribute);
        return value[0];
    }

    private static String text(int version) {
        return version / 1000 + "." + version % 1000 / 10;
    }

    @Override
    public String version() {
        return "CUDA driver for CUDA " + text(version) + ", by way of JCuda 12.6";
    }

    @Override
    public List<GpuInfo> gpus() {
        return gpus;
    }

    @Override
    public Gpu open(int ordinal) {
        if (ordinal < 0 || ordinal >= gpus.size()) {
            throw new IllegalArgumentException(
                    "the machine has GPUs 0 to " + (gpus.size() - 1) + ", given gpu(" + ordinal + ")");
        }
        return NativeGpu.open(gpus.get(ordinal));
    }
}
