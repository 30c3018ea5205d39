package io.kvstore.examples.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CurveTest {
    @TempDir
    private Path folder;

    @Test
    void everyCurveFindsItsPointsAndNoOthers() {
        List<Row> rows = rows();
        for (Curve curve : Curve.all()) {
            assertThat(curve.of(rows).map(curve::size))
                    .as(curve.panel() + ", " + curve.name())
                    .containsExactlyElementsOf(
                            curve.points().stream().map(Double::valueOf).toList());
        }
    }

    @Test
    void rowsAreTheSameAfterTheirWayThroughAFile() throws IOException {
        Path file = folder.resolve("rows.json");
        Report.write(rows(), file);
        assertThat(Report.read(file)).isEqualTo(rows());
        assertThat(Report.read(folder.resolve("missing"))).isEmpty();
    }

    @Test
    void drawsBothStoresInTheirColours() throws IOException {
        Path file = folder.resolve("curves.png");
        CurvesPicture.draw(rows(), "somewhere, some day", file);
        BufferedImage picture = ImageIO.read(file.toFile());
        assertThat(pixels(picture, 0x0072B2)).isGreaterThan(500);
        assertThat(pixels(picture, 0xD55E00)).isGreaterThan(500);
    }

    private static long pixels(BufferedImage picture, int color) {
        long count = 0;
        for (int y = 0; y < picture.getHeight(); y++) {
            for (int x = 0; x < picture.getWidth(); x++) {
                count += (picture.getRGB(x, y) & 0xFFFFFF) == color ? 1 : 0;
            }
        }
        return count;
    }

    private static List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        for (Curve curve : Curve.all()) {
            for (Experiment experiment : curve.experiments()) {
                double value = 1 + rows.size();
                rows.add(new Row(experiment.name(), value, 2 * value, "ms", 2, 0.1, null));
            }
        }
        return rows;
    }
}
