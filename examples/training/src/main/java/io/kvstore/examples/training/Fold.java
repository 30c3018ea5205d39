package io.kvstore.examples.training;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * One part of a three-fold cross-validation: the rows to train on and the third that is held out.
 *
 * @param number 1 to 3; fold n holds out the rows with row % 3 == n - 1
 * @param train row numbers, from 0
 * @param test row numbers, from 0, none of them in {@code train}
 */
record Fold(int number, int[] train, int[] test) {
    static final int THIRDS = 3;

    /** The three folds of a table: every row is held out exactly once. */
    static List<Fold> thirds(int rows) {
        return IntStream.range(0, THIRDS).mapToObj(third -> of(third, rows)).toList();
    }

    /** The classes whose every row is held out here. */
    List<String> untrainedClasses(Table table) {
        Set<Integer> trained =
                IntStream.of(train).mapToObj(row -> table.labels()[row]).collect(Collectors.toSet());
        return IntStream.range(0, table.classes().size())
                .filter(label -> !trained.contains(label))
                .mapToObj(table.classes()::get)
                .toList();
    }

    private static Fold of(int third, int rows) {
        int[] train =
                IntStream.range(0, rows).filter(row -> row % THIRDS != third).toArray();
        int[] test =
                IntStream.range(0, rows).filter(row -> row % THIRDS == third).toArray();
        return new Fold(third + 1, train, test);
    }
}
