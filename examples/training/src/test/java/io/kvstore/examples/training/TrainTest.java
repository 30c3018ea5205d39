package io.kvstore.examples.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainTest {
    @TempDir
    Path directory;

    private record Run(int exitCode, List<String> out, List<String> err) {
        List<String> lastTwo() {
            return out.subList(out.size() - 2, out.size());
        }
    }

    private Run run(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int exitCode = Train.execute(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                arguments);
        return new Run(exitCode, lines(out), lines(err));
    }

    private static List<String> lines(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8).lines().toList();
    }

    private Run runInOwnJvm(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Train.class.getName()));
        command.addAll(List.of(arguments));
        File out = directory.resolve("out").toFile();
        File err = directory.resolve("err").toFile();
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectOutput(out)
                .redirectError(err);
        builder.environment().put("OMP_NUM_THREADS", "1");
        Process process = builder.start();
        try {
            assertThat(process.waitFor(120, TimeUnit.SECONDS))
                    .as("ended in 120 s")
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new Run(process.exitValue(), Files.readAllLines(out.toPath()), Files.readAllLines(err.toPath()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --epochs=ten        | train: Invalid value for option '--epochs': 'ten' is not an int (see --help)
            --epochs=0          | train: --epochs: a number from 1 to 100000 expected, given 0
            --devices=0         | train: --devices: a number from 1 to 64 expected, given 0
            --devices=65        | train: --devices: a number from 1 to 64 expected, given 65
            --curve=picture     | train: --curve: a file name ending in .png expected, given 'picture'
            --unknown           | train: Unknown option: '--unknown' (see --help)
            stray               | train: Unmatched argument at index 0: 'stray' (see --help)
            --csv=missing.csv   | train: --csv missing.csv: no such file
            --csv=@missing.csv  | train: --csv @missing.csv: no such file
            --optimizer=sgd:x   | train: --optimizer sgd:x: setting=value expected, given 'x'
            """)
    void aWrongOptionIsOneLineAndExitCodeTwo(String option, String line) {
        assertThat(run(option)).isEqualTo(new Run(2, List.of(), List.of(line)));
    }

    @Test
    void anUnknownStoreTypeIsOneLineAndExitCodeTwo() {
        Run run = run("--store", "nowhere");

        assertThat(run.exitCode).isEqualTo(2);
        assertThat(run.err).singleElement().satisfies(line -> assertThat(line).startsWith("train: --store nowhere: "));
    }

    @Test
    void aBadCellIsOneLineAndExitCodeTwo() throws IOException {
        Path csv = Files.writeString(directory.resolve("mine.csv"), "width,kind\n1,a\nwide,b\n");

        assertThat(run("--csv", csv.toString()))
                .isEqualTo(new Run(
                        2,
                        List.of(),
                        List.of("train: mine.csv, line 3, column 1 (width): a number expected, given 'wide'")));
    }

    @Test
    void helpNamesEveryOption() {
        Run run = run("--help");

        assertThat(run.exitCode).isZero();
        assertThat(String.join(" ", run.out))
                .contains("--csv", "--store", "--devices", "--optimizer", "--epochs", "--seed", "--curve", "--help");
        assertThat(run.err).isEmpty();
    }

    @Test
    void aTableOfFewRowsTrainsOnMoreDevices() throws IOException {
        Path csv =
                Files.writeString(directory.resolve("few.csv"), "1,2,yes\n1,3,yes\n9,8,no\n8,9,no\n2,1,yes\n9,7,no\n");
        Path curve = directory.resolve("few.png");

        Run run = run("--csv", csv.toString(), "--devices", "8", "--epochs", "30", "--curve", curve.toString());

        assertThat(run.exitCode).isZero();
        assertThat(run.err).isEmpty();
        assertThat(run.lastTwo()).containsExactly("test accuracy: 100.0 %", "curve: " + curve.toAbsolutePath());
    }

    @Test
    void aClassThatIsNeverTrainedIsTold() throws IOException {
        Path csv = Files.writeString(directory.resolve("odd.csv"), "1,a\n2,b\n3,a\n4,a\n5,b\n6,a\n");

        Run run = run("--csv=" + csv, "--epochs=1", "--curve=" + directory.resolve("odd.png"));

        assertThat(run.exitCode).isZero();
        assertThat(run.err)
                .containsExactly("train: class 'b' is only in rows that third 2 holds out:"
                        + " no training sees it there, so its test rows count as wrong");
    }

    @Test
    void aCurveThatCannotBeWrittenLeavesTheTrainingDone() {
        Path curve = directory.resolve("missing/curve.png");

        Run run = run("--devices=1", "--epochs=1", "--curve=" + curve);

        assertThat(run.exitCode).isZero();
        assertThat(run.err)
                .containsExactly("train: the curve was not written: " + curve.toAbsolutePath()
                        + ": its directory does not exist");
        assertThat(run.lastTwo().get(0)).matches("test accuracy: \\d+\\.\\d %");
        assertThat(run.lastTwo().get(1)).isEqualTo("curve: not written");
    }

    @Test
    void theProgramEndsWithAccuracyAndCurve() throws IOException, InterruptedException {
        Run run = runInOwnJvm("--epochs", "2", "--devices", "2");

        Path curve = directory.toRealPath().resolve("training-curve.png");
        assertThat(run.exitCode).as("standard error: %s", run.err).isZero();
        assertThat(run.lastTwo().get(0)).matches("test accuracy: \\d+\\.\\d %");
        assertThat(run.lastTwo().get(1)).isEqualTo("curve: " + curve);
        assertThat(curve).isNotEmptyFile();
        assertThat(run.out).anyMatch(line -> line.startsWith("0_W    (4, 16)"));
    }

    @Test
    void theProgramItselfEndsWithExitCodeTwo() throws IOException, InterruptedException {
        assertThat(runInOwnJvm("--epochs", "many"))
                .isEqualTo(new Run(
                        2,
                        List.of(),
                        List.of("train: Invalid value for option '--epochs': 'many' is not an int (see --help)")));
    }
}
