package io.kvstore.examples.benchmarks.compare;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

/** All curves of both stores, in four diagrams, two of them with logarithmic axes, and below them when and where they were taken. */
final class CurvesPicture {
    private static final int WIDTH = 620;
    private static final int HEIGHT = 400;
    private static final int FOOTER = 30;
    private static final List<String> PANELS = List.of(Curve.THROUGHPUT, Curve.KEYS, Curve.WORKERS, Curve.SERVERS);
    private static final List<String> LINEAR = List.of(Curve.WORKERS, Curve.SERVERS);
    private static final Color OURS = new Color(0x0072B2); // Okabe and Ito
    private static final Color MXNETS = new Color(0xD55E00);
    private static final Color GRID = new Color(0xE4E4E4);
    private static final BasicStroke SOLID = new BasicStroke(2.5f);
    private static final BasicStroke DASHED =
            new BasicStroke(2.5f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, new float[] {8, 5}, 0);

    private CurvesPicture() {}

    /**
     * Draws the curves that have points.
     *
     * @param footer a line of text
     */
    static void draw(List<Row> rows, String footer, Path file) throws IOException {
        BufferedImage picture = new BufferedImage(2 * WIDTH, 2 * HEIGHT + FOOTER, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = picture.createGraphics();
        try {
            graphics.setColor(Color.WHITE);
            graphics.fillRect(0, 0, picture.getWidth(), picture.getHeight());
            for (int panel = 0; panel < PANELS.size(); panel++) {
                XYChart chart = chart(PANELS.get(panel), rows);
                if (!chart.getSeriesMap().isEmpty()) {
                    BufferedImage image = BitmapEncoder.getBufferedImage(chart);
                    graphics.drawImage(image, panel % 2 * WIDTH, panel / 2 * HEIGHT, null);
                }
            }
            graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
            graphics.setColor(Color.DARK_GRAY);
            graphics.setFont(font(13));
            graphics.drawString(footer, 12, 2 * HEIGHT + 20);
        } finally {
            graphics.dispose();
        }
        Files.createDirectories(file.toAbsolutePath().getParent());
        ImageIO.write(picture, "png", file.toFile());
    }

    private static XYChart chart(String panel, List<Row> rows) {
        String[] axes = panel.split(" against ");
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .xAxisTitle(axes[1])
                .yAxisTitle(axes[0])
                .build();
        XYStyler style = chart.getStyler();
        style.setChartTitleVisible(false).setChartBackgroundColor(Color.WHITE);
        boolean few = LINEAR.contains(panel);
        style.setXAxisLogarithmic(!few).setYAxisLogarithmic(!few);
        if (few) {
            style.setYAxisMin(0.0).setXAxisDecimalPattern("#");
        }
        style.setAxisTitleFont(font(13)).setAxisTickLabelsFont(font(12));
        style.setPlotGridLinesColor(GRID).setPlotGridLinesStroke(new BasicStroke(1));
        style.setLegendFont(font(12)).setLegendBorderColor(Color.WHITE);
        style.setLegendPosition(LegendPosition.OutsideS).setLegendLayout(LegendLayout.Vertical);
        BasicStroke stroke = SOLID;
        for (Curve curve : Curve.all()) {
            if (curve.panel().equals(panel) && curve.of(rows).findAny().isPresent()) {
                line(chart, curve, "this store", curve.of(rows).toList(), Row::ours, OURS, stroke);
                line(chart, curve, "MXNet 1.9.1", curve.of(rows).toList(), Row::theirs, MXNETS, stroke);
                stroke = DASHED;
            }
        }
        return chart;
    }

    private static void line(
            XYChart chart,
            Curve curve,
            String side,
            List<Row> points,
            ToDoubleFunction<Row> value,
            Color color,
            BasicStroke stroke) {
        XYSeries series = chart.addSeries(
                curve.name() + ", " + side,
                points.stream().mapToDouble(curve::size).toArray(),
                points.stream().mapToDouble(value).toArray());
        series.setMarker(SeriesMarkers.CIRCLE).setMarkerColor(color);
        series.setLineColor(color).setLineStyle(stroke);
    }

    private static Font font(int size) {
        return new Font(Font.SANS_SERIF, Font.PLAIN, size);
    }
}
