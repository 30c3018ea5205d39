package io.kvstore.examples.benchmarks.scaling;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Round time and heap against keys, bytes and workers, on logarithmic axes: what is proportional is a line that climbs as
 * steeply as the grey ones.
 */
final class ScalingPicture {
    /** All pieces of the run; those that share a row stand in one diagram. */
    static final List<String> PIECES = List.of("keys-local", "keys-dist", "bytes-local", "bytes-dist", "workers");

    private static final List<List<String>> ROWS =
            List.of(List.of("keys-local", "keys-dist"), List.of("bytes-local", "bytes-dist"), List.of("workers"));
    private static final int WIDTH = 620;
    private static final int HEIGHT = 360;
    private static final Color[] COLORS = {new Color(0x0072B2), new Color(0xD55E00)}; // Okabe and Ito
    private static final Color GRID = new Color(0xE4E4E4);
    private static final Color PROPORTIONAL = new Color(0xB0B0B0);

    private ScalingPicture() {}

    /** Draws what lies in {@code folder} into {@code scaling.png} there, and returns that. */
    static Path draw(Path folder) throws IOException {
        List<List<Growth>> rows = new ArrayList<>();
        for (List<String> row : ROWS) {
            List<Growth> measured = new ArrayList<>();
            for (String piece : row) {
                if (Growth.exists(folder, piece)) {
                    measured.add(Growth.read(folder, piece));
                }
            }
            if (!measured.isEmpty()) {
                rows.add(measured);
            }
        }
        Path file = folder.resolve("scaling.png");
        Files.createDirectories(folder);
        ImageIO.write(picture(rows), "png", file.toFile());
        return file;
    }

    private static BufferedImage picture(List<List<Growth>> rows) {
        BufferedImage picture = new BufferedImage(2 * WIDTH, rows.size() * HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = picture.createGraphics();
        try {
            for (int row = 0; row < rows.size(); row++) {
                List<Growth> growths = rows.get(row);
                graphics.drawImage(image(growths, "round in ms", Point::roundMillis), 0, row * HEIGHT, null);
                graphics.drawImage(image(growths, "heap in MB", Point::megabytes), WIDTH, row * HEIGHT, null);
            }
        } finally {
            graphics.dispose();
        }
        return picture;
    }

    private static BufferedImage image(List<Growth> growths, String yAxis, ToDoubleFunction<Point> value) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .xAxisTitle(growths.get(0).unit())
                .yAxisTitle(yAxis)
                .build();
        XYStyler style = chart.getStyler();
        style.setChartTitleVisible(false).setChartBackgroundColor(Color.WHITE);
        style.setXAxisLogarithmic(true).setYAxisLogarithmic(true);
        style.setAxisTitleFont(font(13)).setAxisTickLabelsFont(font(12));
        style.setPlotGridLinesColor(GRID).setPlotGridLinesStroke(new BasicStroke(1));
        style.setLegendFont(font(12)).setLegendBorderColor(Color.WHITE);
        style.setLegendPosition(LegendPosition.OutsideS).setLegendLayout(LegendLayout.Vertical);
        for (int i = 0; i < growths.size(); i++) {
            proportional(chart, growths.get(i), value);
            line(chart, growths.get(i), value, COLORS[i]);
        }
        return BitmapEncoder.getBufferedImage(chart);
    }

    private static void line(XYChart chart, Growth growth, ToDoubleFunction<Point> value, Color color) {
        XYSeries series = chart.addSeries(growth.work(), sizes(growth), values(growth, value));
        series.setMarker(SeriesMarkers.CIRCLE).setMarkerColor(color);
        series.setLineColor(color).setLineStyle(new BasicStroke(2.5f));
    }

    /** Through the largest point: fixed costs hide the growth of small ones. */
    private static void proportional(XYChart chart, Growth growth, ToDoubleFunction<Point> value) {
        Point last = growth.points().get(growth.points().size() - 1);
        double perSize = value.applyAsDouble(last) / last.size();
        List<Double> line = sizes(growth).stream().map(size -> size * perSize).toList();
        XYSeries series = chart.addSeries("proportional, " + growth.name(), sizes(growth), line);
        series.setMarker(SeriesMarkers.NONE).setShowInLegend(false);
        series.setLineColor(PROPORTIONAL).setLineStyle(new BasicStroke(1));
    }

    private static List<Double> sizes(Growth growth) {
        return growth.points().stream().map(point -> (double) point.size()).toList();
    }

    /** A logarithmic axis has no zero. */
    private static List<Double> values(Growth growth, ToDoubleFunction<Point> value) {
        return growth.points().stream()
                .map(point -> Math.max(1e-3, value.applyAsDouble(point)))
                .toList();
    }

    private static Font font(int size) {
        return new Font(Font.SANS_SERIF, Font.PLAIN, size);
    }
}
