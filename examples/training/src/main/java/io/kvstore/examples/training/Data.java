package io.kvstore.examples.training;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Standardised rows ready for a network.
 *
 * @param features one array per row
 * @param labels one class index per row
 * @param classes how many classes there are
 */
record Data(float[][] features, int[] labels, int classes) {

    static Data of(Table table, int[] rows, Scaling scaling) {
        float[][] features = Arrays.stream(rows)
                .mapToObj(row -> scaling.apply(table.features()[row]))
                .toArray(float[][]::new);
        int[] labels = Arrays.stream(rows).map(row -> table.labels()[row]).toArray();
        return new Data(features, labels, table.classes().size());
    }

    int rows() {
        return labels.length;
    }

    /** Only the rows at these positions, in this order. */
    Data select(int[] positions) {
        float[][] chosen =
                Arrays.stream(positions).mapToObj(row -> features[row]).toArray(float[][]::new);
        return new Data(chosen, Arrays.stream(positions).map(row -> labels[row]).toArray(), classes);
    }

    /** A new array of shape (rows, columns), float32. */
    INDArray inputs() {
        return Nd4j.create(features);
    }

    /** A new array of shape (rows, classes), float32: 1 at each row's class. */
    INDArray oneHot() {
        float[][] rows = new float[labels.length][classes];
        for (int row = 0; row < rows.length; row++) {
            rows[row][labels[row]] = 1;
        }
        return Nd4j.create(rows);
    }
}
