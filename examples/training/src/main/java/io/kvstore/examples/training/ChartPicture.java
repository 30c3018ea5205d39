package io.kvstore.examples.training;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Two panels with axes, legend and title: the loss above, the accuracies below. Needs fonts. */
final class ChartPicture {
    static final int WIDTH = 900;
    static final int PANEL_HEIGHT = 380;
    private static final float THICK = 2.5f;
    private static final float THIN = 1.2f;

    private ChartPicture() {}

    /** Throws an Error of some kind where fonts or font libraries are missing. */
    static BufferedImage draw(Curve curve) {
        BufferedImage picture = new BufferedImage(WIDTH, 2 * PANEL_HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = picture.createGraphics();
        try {
            graphics.drawImage(BitmapEncoder.getBufferedImage(loss(curve)), 0, 0, null);
            graphics.drawImage(BitmapEncoder.getBufferedImage(accuracy(curve)), 0, PANEL_HEIGHT, null);
        } finally {
            graphics.dispose();
        }
        return picture;
    }

    private static XYChart loss(Curve curve) {
        XYChart chart = panel(curve.title(), "mean cross entropy", curve.epochs());
        chart.getStyler().setYAxisMin(0.0);
        line(chart, "training loss, mean of the thirds", curve.loss(), Palette.TRAIN, THICK);
        return chart;
    }

    private static XYChart accuracy(Curve curve) {
        XYChart chart = panel("", "accuracy in %", curve.epochs());
        for (int fold = 0; fold < curve.testByFold().size(); fold++) {
            List<Double> values = percent(curve.testByFold().get(fold));
            XYSeries third = line(chart, "test, third " + (fold + 1), values, Palette.THIRD, THIN);
            third.setLabel("test, each third");
            third.setShowInLegend(fold == 0); // they look the same: one entry stands for all
        }
        line(chart, "training, mean", percent(curve.trainAccuracy()), Palette.TRAIN, THICK);
        line(chart, "test, mean", percent(curve.testAccuracy()), Palette.TEST, THICK);
        chart.getStyler().setYAxisMin(lowestTen(curve)).setYAxisMax(100.0);
        return chart;
    }

    private static List<Double> percent(List<Double> fractions) {
        return fractions.stream().map(fraction -> 100 * fraction).toList();
    }

    private static double lowestTen(Curve curve) {
        double lowest = Stream.concat(Stream.of(curve.trainAccuracy()), curve.testByFold().stream())
                .flatMap(List::stream)
                .min(Double::compare)
                .orElseThrow();
        return Math.min(90, 10 * Math.floor(10 * lowest));
    }

    private static XYChart panel(String title, String yAxis, int epochs) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(PANEL_HEIGHT)
                .title(title)
                .xAxisTitle("epoch")
                .yAxisTitle(yAxis)
                .build();
        XYStyler style = chart.getStyler();
        style.setChartTitleVisible(!title.isEmpty());
        style.setChartTitleFont(font(Font.BOLD, 15)).setChartBackgroundColor(Color.WHITE);
        style.setAxisTitleFont(font(Font.PLAIN, 13)).setAxisTickLabelsFont(font(Font.PLAIN, 12));
        style.setPlotGridLinesColor(Palette.GRID).setPlotGridLinesStroke(new BasicStroke(1));
        style.setPlotBorderColor(Palette.FRAME);
        style.setLegendFont(font(Font.PLAIN, 13)).setLegendBorderColor(Color.WHITE);
        style.setLegendPosition(LegendPosition.OutsideS).setLegendLayout(LegendLayout.Horizontal);
        style.setXAxisMin(0.0).setXAxisMax((double) epochs);
        style.setXAxisDecimalPattern("#").setXAxisTickMarkSpacingHint(80);
        return chart;
    }

    private static Font font(int style, int size) {
        return new Font(Font.SANS_SERIF, style, size);
    }

    private static XYSeries line(XYChart chart, String name, List<Double> values, Color color, float width) {
        List<Integer> epochs = IntStream.rangeClosed(1, values.size()).boxed().toList();
        XYSeries series = chart.addSeries(name, epochs, values);
        series.setMarker(values.size() == 1 ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
        series.setMarkerColor(color);
        series.setLineColor(color);
        series.setLineStyle(new BasicStroke(width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        return series;
    }
}
