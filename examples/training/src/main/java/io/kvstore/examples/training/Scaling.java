package io.kvstore.examples.training;

/**
 * Standardisation of the features: (x - mean) / deviation, per column.
 *
 * @param mean one per column
 * @param deviation one per column, never 0: a constant column keeps its scale
 */
record Scaling(double[] mean, double[] deviation) {

    /** Learned from the given rows only, so that held-out rows stay unseen. */
    static Scaling of(double[][] features, int[] rows) {
        int columns = features[0].length;
        double[] mean = new double[columns];
        double[] deviation = new double[columns];
        for (int column = 0; column < columns; column++) {
            double sum = 0;
            for (int row : rows) {
                sum += features[row][column];
            }
            mean[column] = sum / rows.length;
            double squares = 0;
            for (int row : rows) {
                squares += Math.pow(features[row][column] - mean[column], 2);
            }
            deviation[column] = squares > 0 ? Math.sqrt(squares / rows.length) : 1;
        }
        return new Scaling(mean, deviation);
    }

    float[] apply(double[] row) {
        float[] scaled = new float[row.length];
        for (int column = 0; column < row.length; column++) {
            scaled[column] = (float) ((row[column] - mean[column]) / deviation[column]);
        }
        return scaled;
    }
}
