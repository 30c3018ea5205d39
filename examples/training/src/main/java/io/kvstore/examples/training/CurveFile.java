package io.kvstore.examples.training;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.imageio.ImageIO;

/** A curve as a PNG file; a machine without fonts gets the same lines without text. */
final class CurveFile {
    private CurveFile() {}

    /** Returns the file's absolute path; a drawback that leaves a picture is told to {@code notes} in one line. */
    static Path write(Curve curve, Path file, Consumer<String> notes) throws IOException {
        return write(curve, file, ChartPicture::draw, notes);
    }

    static Path write(Curve curve, Path file, Function<Curve, BufferedImage> chart, Consumer<String> notes)
            throws IOException {
        Path absolute = file.toAbsolutePath().normalize();
        byte[] png = png(picture(curve, chart, notes)); // encoded first: a failure leaves no half file
        try {
            Files.write(absolute, png);
        } catch (NoSuchFileException e) {
            throw new IOException(absolute + ": its directory does not exist", e);
        } catch (AccessDeniedException e) {
            throw new IOException(absolute + ": permission denied", e);
        }
        return absolute;
    }

    private static BufferedImage picture(Curve curve, Function<Curve, BufferedImage> chart, Consumer<String> notes) {
        try {
            return chart.apply(curve);
        } catch (RuntimeException | Error e) { // missing fonts or font libraries end in various Errors
            notes.accept("the curve has no text, as this machine has no usable fonts (" + Text.oneLine(e.toString())
                    + "); above: training loss, below: " + PlainPicture.LEGEND);
            return PlainPicture.draw(curve);
        }
    }

    private static byte[] png(BufferedImage picture) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.setUseCache(false);
        if (!ImageIO.write(picture, "png", bytes)) {
            throw new IOException("this Java has no PNG writer");
        }
        return bytes.toByteArray();
    }
}
