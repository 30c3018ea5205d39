package io.kvstore.examples.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FoldTest {

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5, 150})
    void everyRowIsHeldOutOnceAndNeverTrainedOnThen(int rows) {
        List<Fold> folds = Fold.thirds(rows);

        assertThat(folds.stream().flatMapToInt(fold -> IntStream.of(fold.test())))
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, rows).boxed().toList());
        for (Fold fold : folds) {
            assertThat(IntStream.of(fold.test())).isNotEmpty().allMatch(row -> row % 3 == fold.number() - 1);
            assertThat(IntStream.concat(IntStream.of(fold.train()), IntStream.of(fold.test())))
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.range(0, rows).boxed().toList());
        }
    }

    @Test
    void aClassThatOneThirdHoldsOutWhollyIsUntrainedThere() {
        double[][] features = new double[6][1];
        Table table = new Table("t", features, new int[] {0, 1, 0, 0, 1, 0}, List.of("a", "b"));

        assertThat(Fold.thirds(6).stream().map(fold -> fold.untrainedClasses(table)))
                .containsExactly(List.of(), List.of("b"), List.of());
    }

    @Test
    void scalingLearnsFromTheTrainingRowsOnly() {
        double[][] features = {{1, 7}, {3, 7}, {1000, 9}};

        Scaling scaling = Scaling.of(features, new int[] {0, 1});

        assertThat(scaling.apply(features[0])).containsExactly(-1, 0);
        assertThat(scaling.apply(features[1])).containsExactly(1, 0);
        assertThat(scaling.apply(features[2])).containsExactly(998, 2);
    }
}
