package io.kvstore.cluster.command;

import io.kvstore.cuda.Cuda;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import org.nd4j.linalg.factory.Nd4jBackend;

/** What {@code doctor} asks of the machine and its Java. */
final class MachineChecks {
    static final Path SHARED_MEMORY = Path.of("/dev/shm");

    private static final int JAVA = 17;
    private static final long LITTLE_HEAP = 512L << 20;

    private MachineChecks() {}

    static Finding java(Runtime.Version version, long heap) {
        String found = "Java " + version + ", heap up to " + Units.bytes(heap);
        if (version.feature() < JAVA) {
            return Finding.fail("java", found, "install a Java " + JAVA + " and set JAVA_HOME");
        }
        return heap < LITTLE_HEAP
                ? Finding.warn(
                        "java",
                        found,
                        "a server needs about two and a half times its share of the model: KVSTORE_JAVA_OPTS=-Xmx4g")
                : Finding.ok("java", found);
    }

    /** @param omp the value of OMP_NUM_THREADS, or null */
    static Finding threads(int processors, String omp) {
        String found = processors + (processors == 1 ? " processor" : " processors") + ", OMP_NUM_THREADS "
                + (omp == null ? "not set" : omp);
        return "1".equals(omp)
                ? Finding.ok("threads", found)
                : Finding.warn(
                        "threads",
                        found,
                        "export OMP_NUM_THREADS=1 for workers: ND4J's threads fight each other over small arrays");
    }

    /** Only workers' programs need a backend, and bring it. */
    static Finding backend(ClassLoader loader) {
        List<String> backends = ServiceLoader.load(Nd4jBackend.class, loader).stream()
                .map(provider -> provider.type().getSimpleName())
                .toList();
        return Finding.ok(
                "backend",
                backends.isEmpty()
                        ? "no ND4J backend here; servers need none, a worker's program brings nd4j-native or another"
                        : "ND4J with " + String.join(", ", backends));
    }

    /**
     * A line for each GPU, or why there is none.
     *
     * @param named whether the settings name a GPU for a device store
     */
    static List<Finding> gpus(Cuda.Found found, boolean named) {
        if (found.driver() != null) {
            return found.driver().gpus().stream()
                    .map(gpu -> Finding.ok("gpu", gpu.toString()))
                    .toList();
        }
        return List.of(
                named
                        ? Finding.warn(
                                "gpu",
                                found.reason(),
                                "until then the devices that kvstore.devices names as GPUs are on the host")
                        : Finding.ok("gpu", "none, and none is asked for: " + found.reason()));
    }

    /**
     * @param directory of memory that looks like files
     * @param needed by a worker and a server of this machine, in bytes
     */
    static Finding sharedMemory(Path directory, long needed) {
        String without = "without it, servers and workers of one machine go by Artery, which is slower";
        if (!Files.isDirectory(directory)) {
            return Finding.warn("shm", directory + " is not there", without);
        }
        try {
            long free = Files.getFileStore(directory).getUsableSpace();
            String found = directory + " has " + Units.bytes(free)
                    + " free, a worker and a server of this machine take " + Units.bytes(needed);
            boolean writable = Files.isWritable(directory);
            return writable && free >= needed
                    ? Finding.ok("shm", found)
                    : Finding.warn(
                            "shm",
                            writable ? found : directory + " is not writable",
                            without + "; in a container, --shm-size=1g");
        } catch (IOException e) {
            return Finding.warn("shm", directory + " cannot be read: " + e.getMessage(), without);
        }
    }
}
