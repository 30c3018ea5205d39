package io.kvstore.examples.benchmarks.scaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvstore.KVStore;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScalingTest {
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final Scaling scaling = new Scaling(0.01, new PrintStream(printed, true, StandardCharsets.UTF_8));

    @TempDir
    private Path folder;

    @Test
    void keysAndBytesAreMeasuredInOneJvmAndOverTcp() {
        assertThat(sizes(scaling.keys("keys-local", false, List.of(2, 5)))).containsExactly(2L, 5L);
        assertThat(sizes(scaling.keys("keys-dist", true, List.of(2)))).containsExactly(2L);
        assertThat(sizes(scaling.bytes("bytes-local", false, List.of(100)))).containsExactly(400L);
        assertThat(sizes(scaling.bytes("bytes-dist", true, List.of(100)))).containsExactly(400L);
    }

    @Test
    void severalWorkersAreMeasured() {
        Growth growth = scaling.workers("workers", List.of(1, 3));
        assertThat(sizes(growth)).containsExactly(1L, 3L);
        assertThat(growth.points()).allMatch(point -> point.startMillis() > 0 && point.roundMillis() > 0);
        assertThat(printed.toString(StandardCharsets.UTF_8).lines())
                .hasSize(5)
                .last()
                .asString()
                .contains("from 1 to 3 workers, times 3: round times");
    }

    private static List<Long> sizes(Growth growth) {
        return growth.points().stream().map(Point::size).toList();
    }

    @Test
    void aWrongValueEndsTheMeasurement() {
        try (KVStore kv = KVStore.builder().type("local").build()) {
            Worker worker = new Worker(1, 3, 2);
            worker.init(kv);
            worker.round(kv);
            worker.check(2);
            assertThatThrownBy(() -> worker.check(3))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("expected 3.0, pulled 2.0");
        }
    }

    @Test
    void pointsAreKeptAndDrawn() throws IOException {
        Growth growth = new Growth(
                "workers", "workers", "some work", List.of(new Point(1, 2.5, 3.25, 0), new Point(64, 100, 200, 300)));
        growth.write(folder);
        assertThat(Growth.read(folder, "workers")).isEqualTo(growth);
        BufferedImage picture = ImageIO.read(ScalingPicture.draw(folder).toFile());
        assertThat(picture.getWidth()).isGreaterThan(picture.getHeight());
    }
}
