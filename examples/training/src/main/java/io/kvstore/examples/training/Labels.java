package io.kvstore.examples.training;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/** The step from label texts to class indices: classes are numbered in order of appearance. */
final class Labels {
    private Labels() {}

    /** Throws InputException when there is too little to train on or the labels are no classes. */
    static Table table(String name, List<double[]> features, List<String> labels) {
        if (labels.size() < Fold.THIRDS) {
            throw new InputException(name + ": 3 rows or more expected (one for each third), given " + labels.size());
        }
        List<String> names = labels.stream().map(Labels::canonical).toList();
        List<String> classes = new ArrayList<>(new LinkedHashSet<>(names));
        if (classes.size() < 2) {
            throw new InputException(name + ": two classes or more expected in the last column, given only '"
                    + Text.shorten(classes.get(0)) + "'");
        }
        if (2 * classes.size() > labels.size() && classes.size() > 2) {
            throw new InputException(name + ": the last column must hold classes, given " + classes.size()
                    + " different labels in " + labels.size() + " rows");
        }
        int[] indices = names.stream().mapToInt(classes::indexOf).toArray();
        return new Table(name, features.toArray(double[][]::new), indices, List.copyOf(classes));
    }

    /** So that 1, 1.0 and 01 are one class. */
    private static String canonical(String label) {
        if (!CsvReader.NUMBER.matcher(label).matches()) {
            return label;
        }
        double number = Double.parseDouble(label);
        boolean whole = number == Math.rint(number) && Math.abs(number) < 1e15;
        return whole ? Long.toString((long) number) : Double.toString(number);
    }
}
