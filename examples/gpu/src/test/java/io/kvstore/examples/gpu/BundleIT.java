package io.kvstore.examples.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Unpacks the bundle and runs it with nothing but a few common programs on the path: no Java among them. */
@Tag("thorough")
class BundleIT {
    private static final Path BUNDLE = Path.of(System.getProperty("bundle"));
    private static final long LIMIT = 60_000_000;
    private static final List<String> TOOLS = List.of("sh", "dirname", "date", "mkdir", "sed", "cat", "tail", "rm");

    @TempDir
    private Path directory;

    @Test
    void itFitsTheLimitAndPassesWithoutJavaOnThePath() throws Exception {
        assertThat(Files.size(BUNDLE)).as("bytes of " + BUNDLE).isLessThan(LIMIT);
        run(List.of("tar", "xzf", BUNDLE.toString(), "-C", directory.toString()), Map.of(), 0);
        Path unpacked;
        try (Stream<Path> entries = Files.list(directory)) {
            unpacked = entries.filter(Files::isDirectory).findFirst().orElseThrow();
        }
        Map<String, String> bare = Map.of("PATH", tools().toString());
        String script = unpacked.resolve("run.sh").toString();
        String output = run(List.of(script, "--quick", "--results", "results"), bare, 0);
        assertThat(output)
                .containsPattern("no GPU: \\w|compute capability")
                .contains("A01_pullGivesTheInitialValue", "R01_", " checks passed", "all passed")
                .doesNotContain("FAILED");
        assertThat(Files.readString(directory.resolve("results/check.json"))).contains("\"failed\": 0");
        assertThat(run(List.of(script, "--hurry"), bare, 2)).contains("./run.sh --quick");
    }

    private Path tools() throws IOException {
        Path tools = Files.createDirectory(directory.resolve("tools"));
        for (String tool : TOOLS) {
            Path found = Stream.of("/usr/bin", "/bin")
                    .map(folder -> Path.of(folder, tool))
                    .filter(Files::exists)
                    .findFirst()
                    .orElseThrow();
            Files.copy(found, tools.resolve(tool));
        }
        return tools;
    }

    /** What the program says, which must end with that exit code. */
    private String run(List<String> command, Map<String, String> environment, int exitCode) throws Exception {
        Path output = Files.createTempFile(directory, "output", ".txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        if (!environment.isEmpty()) {
            builder.environment().clear();
            builder.environment().putAll(environment);
        }
        Process process = builder.start();
        boolean ended = process.waitFor(4, TimeUnit.MINUTES);
        process.destroyForcibly();
        String said = Files.readString(output);
        assertThat(ended).as("ended in time: " + said).isTrue();
        assertThat(process.exitValue()).as(said).isEqualTo(exitCode);
        return said;
    }
}
