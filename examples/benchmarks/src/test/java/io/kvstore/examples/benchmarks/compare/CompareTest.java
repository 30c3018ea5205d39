package io.kvstore.examples.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.typesafe.config.Config;
import io.kvstore.examples.benchmarks.mxnet.MxLibrary;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompareTest {
    @TempDir
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    @Tag("thorough")
    void writesWhatItMeasuredOfBothLibraries() throws IOException {
        assumeTrue(MxLibrary.available(), MxLibrary::unavailableReason);
        Path file = folder.resolve("compare.json");
        String name = "local, 1000 keys of 16 floats, 1 device";
        assertThat(execute("--quick", "--only", name, "--json", file.toString()))
                .as(err.toString(StandardCharsets.UTF_8))
                .isZero();
        List<? extends Config> rows = MatchTest.read(file);
        assertThat(rows).hasSize(1);
        assertThat(rows.get(0).getString("name")).isEqualTo(name);
        assertThat(rows.get(0).getDouble("ours")).isPositive();
        assertThat(rows.get(0).getDouble("theirs")).isPositive();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains(name);
    }

    @Test
    void namesWhatThereIsWhenNothingHasTheName() {
        assertThat(execute("--only", "nothing")).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("nothing has 'nothing' in its name")
                .contains("local, ResNet-50, pushPull, 2 devices");
    }

    @Test
    void namesThePointsOfCurvesToo() {
        String picture = folder.resolve("curves.png").toString();
        assertThat(execute("--only", "nothing", "--curves", picture)).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("ms per round against workers, 1 server, dist_sync: 4");
    }

    private int execute(String... arguments) {
        return Compare.execute(new PrintStream(out, true), new PrintStream(err, true), arguments);
    }
}
