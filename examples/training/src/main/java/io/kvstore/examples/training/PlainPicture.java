package io.kvstore.examples.training;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.List;

/** The same two panels drawn without a single letter, for machines without fonts; grid lines stand at every tenth. */
final class PlainPicture {
    static final String LEGEND = "accuracy from 0 to 100 %, training blue, test orange, each third pale orange";
    private static final int MARGIN = 30;

    private final Graphics2D graphics;
    private final int top;
    private final double highest;

    private PlainPicture(Graphics2D graphics, int top, double highest) {
        this.graphics = graphics;
        this.top = top;
        this.highest = highest;
    }

    static BufferedImage draw(Curve curve) {
        int height = ChartPicture.PANEL_HEIGHT;
        BufferedImage picture = new BufferedImage(ChartPicture.WIDTH, 2 * height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = picture.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, picture.getWidth(), picture.getHeight());
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        double highestLoss =
                curve.loss().stream().mapToDouble(Double::doubleValue).max().orElseThrow();
        PlainPicture loss = new PlainPicture(graphics, MARGIN, highestLoss);
        loss.grid();
        loss.line(curve.loss(), Palette.TRAIN, 2.5f);
        PlainPicture accuracy = new PlainPicture(graphics, height + MARGIN, 1);
        accuracy.grid();
        curve.testByFold().forEach(fold -> accuracy.line(fold, Palette.THIRD, 1.2f));
        accuracy.line(curve.trainAccuracy(), Palette.TRAIN, 2.5f);
        accuracy.line(curve.testAccuracy(), Palette.TEST, 2.5f);
        graphics.dispose();
        return picture;
    }

    private void grid() {
        graphics.setStroke(new BasicStroke(1));
        for (int tenth = 0; tenth <= 10; tenth++) {
            graphics.setColor(tenth == 0 ? Palette.FRAME : Palette.GRID);
            int y = y(highest * tenth / 10);
            graphics.drawLine(MARGIN, y, ChartPicture.WIDTH - MARGIN, y);
        }
        graphics.setColor(Palette.FRAME);
        graphics.drawLine(MARGIN, top, MARGIN, y(0));
    }

    private void line(List<Double> values, Color color, float width) {
        graphics.setColor(color);
        graphics.setStroke(new BasicStroke(width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        for (int epoch = 1; epoch <= values.size(); epoch++) {
            int from = Math.max(1, epoch - 1); // a single epoch is a point
            graphics.drawLine(
                    x(from, values.size()), y(values.get(from - 1)), x(epoch, values.size()), y(values.get(epoch - 1)));
        }
    }

    private static int x(int epoch, int epochs) {
        return MARGIN + (int) Math.round((ChartPicture.WIDTH - 2.0 * MARGIN) * epoch / epochs);
    }

    private int y(double value) {
        int height = ChartPicture.PANEL_HEIGHT - 2 * MARGIN;
        return top + height - (int) Math.round(height * (highest == 0 ? 0 : value / highest));
    }
}
