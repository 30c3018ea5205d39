package io.kvstore.examples.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CurveFileTest {
    private static final Curve CURVE = new Curve(
            "a title",
            List.of(1.0, 0.2),
            List.of(0.5, 0.9),
            List.of(0.6, 0.8),
            Collections.nCopies(3, List.of(0.6, 0.8)));
    private static final Curve ONE_EPOCH =
            new Curve("a title", List.of(0.0), List.of(0.5), List.of(0.6), Collections.nCopies(3, List.of(0.6)));

    @TempDir
    Path directory;

    private final List<String> notes = new ArrayList<>();

    private static boolean shows(BufferedImage picture, java.awt.Color color, int fromY, int toY) {
        for (int y = fromY; y < toY; y++) {
            for (int x = 0; x < picture.getWidth(); x++) {
                if (picture.getRGB(x, y) == color.getRGB()) {
                    return true;
                }
            }
        }
        return false;
    }

    private static void assertShowsTheCurve(Path file) throws IOException {
        BufferedImage picture = ImageIO.read(file.toFile());
        int half = picture.getHeight() / 2;
        assertThat(shows(picture, Palette.TRAIN, 0, half))
                .as("training loss above")
                .isTrue();
        assertThat(shows(picture, Palette.TEST, 0, half))
                .as("test accuracy above")
                .isFalse();
        assertThat(shows(picture, Palette.TRAIN, half, 2 * half))
                .as("training accuracy below")
                .isTrue();
        assertThat(shows(picture, Palette.TEST, half, 2 * half))
                .as("test accuracy below")
                .isTrue();
    }

    @Test
    void thePictureShowsLossAboveAndAccuracyBelow() throws IOException {
        Path file = CurveFile.write(CURVE, directory.resolve("x/../curve.png"), notes::add);

        assertThat(file).isAbsolute().isEqualTo(directory.resolve("curve.png").toAbsolutePath());
        assertShowsTheCurve(file);
        assertThat(notes).isEmpty();
    }

    @Test
    void withoutFontsTheSameLinesAreDrawnWithoutText() throws IOException {
        Path file = CurveFile.write(
                CURVE,
                directory.resolve("curve.png"),
                curve -> {
                    throw new UnsatisfiedLinkError("libfreetype.so.6:\n not found");
                },
                notes::add);

        assertShowsTheCurve(file);
        assertThat(notes)
                .singleElement()
                .satisfies(note -> assertThat(note)
                        .contains("no usable fonts (java.lang.UnsatisfiedLinkError: libfreetype.so.6: not found)")
                        .doesNotContain("\n"));
    }

    @Test
    void aSingleEpochIsVisibleInBothPictures() throws IOException {
        Path chart = CurveFile.write(ONE_EPOCH, directory.resolve("chart.png"), notes::add);
        BufferedImage plain = PlainPicture.draw(ONE_EPOCH);

        assertShowsTheCurve(chart);
        assertThat(shows(plain, Palette.TEST, plain.getHeight() / 2, plain.getHeight()))
                .isTrue();
    }

    @Test
    void anUnwritableFileIsNamedAndLeavesNothing() {
        Path file = directory.resolve("missing/curve.png");

        assertThatThrownBy(() -> CurveFile.write(CURVE, file, notes::add))
                .isInstanceOf(IOException.class)
                .hasMessage(file.toAbsolutePath() + ": its directory does not exist");
        assertThat(Files.exists(file)).isFalse();
    }
}
