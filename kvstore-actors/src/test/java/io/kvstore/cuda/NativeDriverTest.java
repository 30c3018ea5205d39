package io.kvstore.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.kvstore.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jcuda.driver.CUcontext;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The road through JCuda, in JVMs that find {@code src/test/cuda/standin.c} in the place of the driver. */
class NativeDriverTest {
    @TempDir
    private static Path folder;

    @BeforeAll
    static void theStandInIsCompiled() throws IOException, InterruptedException {
        assumeThat(onPath("cc")).as("a C compiler, cc, on the PATH").isTrue();
        List<String> output = run(
                Map.of(),
                "cc",
                "-shared",
                "-fPIC",
                "-Wl,-soname,libcuda.so.1",
                "-o",
                folder.resolve("libcuda.so.1").toString(),
                Path.of("src", "test", "cuda", "standin.c").toString());
        assertThat(output).as("the compiler").containsExactly("ended with 0");
    }

    private static boolean onPath(String command) {
        for (String part : System.getenv("PATH").split(":")) {
            if (Files.isExecutable(Path.of(part, command))) {
                return true;
            }
        }
        return false;
    }

    private static List<String> script(Class<?> main, Map<String, String> environment)
            throws IOException, InterruptedException {
        return run(
                environment,
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-Djava.io.tmpdir=" + folder,
                "-cp",
                System.getProperty("java.class.path"),
                main.getName());
    }

    /** The lines of a process's output, and how it ended. */
    private static List<String> run(Map<String, String> environment, String... command)
            throws IOException, InterruptedException {
        Path output = folder.resolve("output.txt");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().put("LD_LIBRARY_PATH", folder.toString());
        builder.environment().putAll(environment);
        Process process = builder.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS))
                .as("the end of " + command[0])
                .isTrue();
        List<String> lines = new ArrayList<>(Files.readAllLines(output));
        lines.add("ended with " + process.exitValue());
        return lines;
    }

    /** Everything once, on the first GPU. */
    static final class Everything {
        public static void main(String[] args) throws InterruptedException {
            CudaDriver driver = Cuda.find().driver();
            System.out.println(driver.version());
            driver.gpus().forEach(System.out::println);
            Gpu gpu = driver.open(0);
            Gpu peer = driver.open(1);
            System.out.println(gpu.freeBytes() + " free");
            long x = gpu.allocate(1000);
            long y = gpu.allocate(1000);
            peer.freeBytes(); // its context is the thread's now
            System.out.println(gpu.bytesAt(x + 8) + " " + gpu.bytesAt(8) + " " + peer.bytesAt(x + 8));
            CUcontext current = new CUcontext();
            JCudaDriver.cuCtxGetCurrent(current);
            System.out.println(current.equals(((NativeGpu) peer).context()) ? "context kept" : "context lost");
            PinnedMemory pinned = gpu.allocatePinned(1000);
            pinned.bytes().asFloatBuffer().put(new float[] {1, 2, 4});
            GpuStream stream = gpu.newStream();
            stream.upload(x, pinned, 0, 12);
            stream.copy(y, x + 4, 8);
            new GpuKernels(gpu).sum(stream, DType.FLOAT32, new long[] {x, y, y}, x, 2);
            stream.download(pinned, 100, x, 8);
            System.out.println(
                    pinned.bytes().getFloat(100) + " " + pinned.bytes().getFloat(104));
            System.out.println(gpu.reaches(peer) + " " + peer.reaches(gpu));
            stream.copyFrom(peer, x, y, 8);
            stream.fill(x, (byte) 7, 3);
            GpuEvent event = gpu.newEvent();
            stream.record(event);
            stream.await(event);
            System.out.println(event.isDone() + " " + event.isDone());
            gpu.streamOf(0x77).launch("copy_rows_4", 3, 32, new Arguments().add(1L));
            fail(() -> gpu.allocate(1L << 40));
            fail(() -> stream.launch("nothing", 1, 1, new Arguments()));
            fail(() -> stream.launch("copy_rows_1", 1, 2000, new Arguments()));
            new GpuKernels(gpu).cast(stream, DType.FLOAT32, x, DType.FLOAT16, y, 3);
            try (Completions completions = new Completions()) {
                CountDownLatch told = new CountDownLatch(1);
                completions.whenDone(event, failure -> {
                    System.out.println(failure.kind() + " " + failure.getMessage());
                    told.countDown();
                });
                told.await();
            }
            fail(() -> stream.record(event));
            event.close();
            stream.close();
            pinned.close();
            gpu.free(x);
            gpu.close();
            peer.close();
        }

        private static void fail(Runnable call) {
            try {
                call.run();
                System.out.println("no failure");
            } catch (CudaException e) {
                System.out.println(e.kind() + " " + e.codeName() + " " + e.getMessage());
            }
        }
    }

    @Test
    void everyCallReachesTheDriverAsItIsMeant() throws IOException, InterruptedException {
        String lost = "the device and its memory are lost to this process: restart it, and look at the system's log for"
                + " the GPU's fault (CUDA_ERROR_ILLEGAL_ADDRESS, 700)";
        assertThat(script(Everything.class, Map.of()))
                .containsExactly(
                        "CUDA driver for CUDA 12.6, by way of JCuda 12.6",
                        "gpu(0) Stand-in 0, compute capability 9.0, 1024 MiB",
                        "gpu(1) Stand-in 1, compute capability 9.0, 2048 MiB",
                        "123456 free",
                        "1016 0 0",
                        "context kept",
                        "upload",
                        "copy",
                        "start sum4_float32, 1 blocks of 256",
                        "download",
                        "5.0 10.0",
                        "enable peer",
                        "true false",
                        "copy from peer",
                        "fill",
                        "record",
                        "wait",
                        "false true",
                        "start copy_rows_4, 3 blocks of 32, user's stream",
                        "OUT_OF_MEMORY CUDA_ERROR_OUT_OF_MEMORY allocating 1099511627776 bytes on gpu(0) failed; use fewer"
                                + " or smaller arrays there, another device, or stop what else uses it"
                                + " (CUDA_ERROR_OUT_OF_MEMORY, 2)",
                        "LAUNCH_FAILED CUDA_ERROR_NOT_FOUND finding kernel nothing failed; the kernel did not start and"
                                + " nothing has changed (CUDA_ERROR_NOT_FOUND, 500)",
                        "start copy_rows_1, 1 blocks of 2000",
                        "LAUNCH_FAILED CUDA_ERROR_INVALID_VALUE starting 1 blocks of 2000 threads of kernel copy_rows_1 on"
                                + " gpu(0) failed; the kernel did not start and nothing has changed"
                                + " (CUDA_ERROR_INVALID_VALUE, 1)",
                        "start cast_float32_float16, 1 blocks of 256",
                        "DEVICE_LOST work on gpu(0) failed; " + lost,
                        "record",
                        "DEVICE_LOST CUDA_ERROR_ILLEGAL_ADDRESS recording an event on gpu(0) failed; " + lost,
                        "close event",
                        "close stream",
                        "free pinned",
                        "free",
                        "unload",
                        "release 0",
                        "unload",
                        "release 1",
                        "ended with 0");
    }

    /** Tries to open the first GPU. */
    static final class Opening {
        public static void main(String[] args) {
            Cuda.Found found = Cuda.find();
            if (found.driver() == null) {
                System.out.println(found.reason());
                return;
            }
            try {
                found.driver().open(0);
            } catch (CudaException e) {
                System.out.println(e.kind() + " " + e.getMessage());
            }
        }
    }

    @Test
    void whatTheDriversCompilerSaysIsInTheError() throws IOException, InterruptedException {
        assertThat(script(Opening.class, Map.of("STANDIN_BAD_PTX", "1")))
                .anySatisfy(line -> assertThat(line)
                        .startsWith("LAUNCH_FAILED compiling the kernels for gpu(0) Stand-in 0")
                        .contains("[ptxas fatal: planted]", "CUDA_ERROR_INVALID_PTX, 218"));
    }

    @Test
    void oldDriversAndMachinesWithoutGpuAreToldApart() throws IOException, InterruptedException {
        assertThat(script(Opening.class, Map.of("STANDIN_VERSION", "11080")))
                .contains("the CUDA driver is too old: it is for CUDA 11.8, 12.0 or later is needed");
        assertThat(script(Opening.class, Map.of("STANDIN_EMPTY", "1")))
                .contains("the CUDA driver finds no GPU on this machine");
    }
}
