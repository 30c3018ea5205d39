package io.kvstore.examples.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgressTest {

    private static List<String> lines(int epochs) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream lines = new PrintStream(out, true, StandardCharsets.UTF_8);
        try (Progress progress = Progress.of(false, epochs, lines)) {
            for (Fold fold : Fold.thirds(3)) {
                for (int epoch = 1; epoch <= epochs; epoch++) {
                    progress.report(fold, new Epoch(epoch, 0.5, 0.75, 2 / 3.0));
                }
            }
        }
        return out.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void withoutATerminalThereIsOneLinePerTenth() {
        List<String> lines = lines(20);

        assertThat(lines).hasSize(10);
        assertThat(lines.get(0)).isEqualTo(" 10 %  third 1, epoch 6: loss 0.500, accuracy train 75.0 %, test 66.7 %");
        assertThat(lines.get(9)).isEqualTo("100 %  third 3, epoch 20: loss 0.500, accuracy train 75.0 %, test 66.7 %");
    }

    @Test
    void aShortRunHasALinePerEpoch() {
        assertThat(lines(1)).extracting(line -> line.substring(0, 5)).containsExactly(" 30 %", " 60 %", "100 %");
    }
}
