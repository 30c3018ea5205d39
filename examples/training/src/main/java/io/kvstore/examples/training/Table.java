package io.kvstore.examples.training;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Rows of finite numbers, each with the index of its class: what the example trains on.
 *
 * @param name what the table is called in titles and messages
 * @param features one array per row, all of one length
 * @param labels one index into {@code classes} per row
 * @param classes the names of the classes, at least two
 */
record Table(String name, double[][] features, int[] labels, List<String> classes) {

    int rows() {
        return labels.length;
    }

    int columns() {
        return features[0].length;
    }

    /** Fisher's 150 iris flowers, 4 measurements in cm and 3 species; the file comes with deeplearning4j-core. */
    static Table iris() {
        try (InputStream in = Table.class.getResourceAsStream("/iris.dat")) {
            if (in == null) {
                throw new InputException(
                        "/iris.dat is not on the class path: add deeplearning4j-core, or give --csv FILE");
            }
            return CsvReader.read("iris", new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
