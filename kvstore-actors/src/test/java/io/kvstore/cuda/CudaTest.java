package io.kvstore.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CudaTest {
    /** Prints what {@link Cuda#find} says, in a JVM of its own with another class path. */
    static final class Finding {
        public static void main(String[] args) {
            System.out.println(Cuda.find().reason());
        }
    }

    @Test
    void withoutDriverOneLineSaysSo() {
        assumeThat(isDriverThere()).as("this machine has no CUDA driver").isFalse();
        for (int attempt = 0; attempt < 2; attempt++) { // a library that failed to load fails differently later
            Cuda.Found found = Cuda.find();
            assertThat(found.driver()).isNull();
            assertThat(found.reason())
                    .isEqualTo("there is no CUDA driver on this machine (libcuda.so.1 is not found): install NVIDIA's"
                            + " driver");
        }
    }

    @Test
    void withoutJCudaOneLineNamesTheDependency() throws Exception {
        assertThat(findingWith(part -> !part.contains("jcuda")))
                .isEqualTo(
                        "JCuda is not on the class path: add org.jcuda:jcuda:12.6.0 and org.jcuda:jcuda-natives:12.6.0"
                                + " with the classifier linux-x86_64");
    }

    @Test
    void withoutItsLibraryOneLineNamesThat() throws Exception {
        assertThat(findingWith(part -> !part.contains("jcuda-natives")))
                .startsWith("JCuda's library for this machine is not on the class path: add"
                        + " org.jcuda:jcuda-natives:12.6.0 with the classifier linux-x86_64");
    }

    private static String findingWith(Predicate<String> part) throws IOException, InterruptedException {
        String path = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(part)
                .collect(Collectors.joining(File.pathSeparator));
        Path folder = Files.createTempDirectory("finding"); // JCuda unpacks its library there, or finds it unpacked
        Path output = folder.resolve("output.txt");
        try {
            Process process = new ProcessBuilder(List.of(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Djava.io.tmpdir=" + folder,
                            "-cp",
                            path,
                            Finding.class.getName()))
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return Files.readString(output, StandardCharsets.UTF_8).strip();
        } finally {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(folder);
        }
    }

    private static boolean isDriverThere() {
        return List.of("/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/nvidia/lib64").stream()
                .anyMatch(folder -> Files.exists(Path.of(folder, "libcuda.so.1")));
    }

    @Test
    void anOldDriverIsCalledOld() {
        assertThat(NativeDriver.reason("undefined symbol: cuCtxGetId")).contains("too old", "12.6");
    }
}
