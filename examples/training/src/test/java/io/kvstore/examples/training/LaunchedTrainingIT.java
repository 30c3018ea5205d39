package io.kvstore.examples.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The README's training on several servers, by the programs that {@code package} builds. */
@Timeout(300)
class LaunchedTrainingIT {
    private static final Path KVSTORE = Path.of("..", "..", "kvstore-cluster", "target", "kvstore")
            .toAbsolutePath()
            .normalize();
    private static final Path TRAIN = Path.of("train").toAbsolutePath();
    private static final String EPOCHS = "15";

    /** Two rows of the 150: sums are rounded in another order, and a row at the border may fall to the other side. */
    private static final double TWO_ROWS = 1.4;

    @TempDir
    private Path folder;

    @Test
    void twoWorkersOnTwoServersReachTheAccuracyOfOneProcess() throws Exception {
        List<String> line = new ArrayList<>(List.of(KVSTORE.toString(), "launch", "-n", "2", "-s", "2", "--"));
        line.addAll(List.of(TRAIN.toString(), "--store", "dist_sync", "--epochs", EPOCHS));
        String launched = run(line);
        assertThat(launched).as("the road that the servers offer").contains("through memory");
        assertThat(memory()).as("what servers that end together leave").isEmptyDirectory();
        String alone = run(List.of(TRAIN.toString(), "--store", "device", "--epochs", EPOCHS));

        double expected = accuracies(alone, "").get(0);
        for (int worker = 0; worker < 2; worker++) {
            List<Double> reached = accuracies(launched, "\\[worker " + worker + "\\] ");
            assertThat(reached).as(launched).hasSize(1);
            assertThat(reached.get(0)).as(launched).isGreaterThan(expected - TWO_ROWS);
        }
    }

    private Path memory() {
        return folder.resolve("memory");
    }

    /** What the program prints; it must end well. */
    private String run(List<String> command) throws IOException, InterruptedException {
        Path output = Files.createTempFile(folder, "output", ".txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment()
                .putAll(Map.of(
                        "JAVA_HOME", System.getProperty("java.home"), "KVSTORE_IPC_DIRECTORY", memory().toString()));
        Process process = builder.start();
        try {
            assertThat(process.waitFor(240, TimeUnit.SECONDS))
                    .as("%s ends", command)
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.exitValue()).as(Files.readString(output)).isZero();
        return Files.readString(output);
    }

    private static List<Double> accuracies(String output, String prefix) {
        return Pattern.compile("^" + prefix + "test accuracy: (\\d+\\.\\d) %$", Pattern.MULTILINE)
                .matcher(output)
                .results()
                .map((MatchResult match) -> Double.valueOf(match.group(1)))
                .toList();
    }
}
