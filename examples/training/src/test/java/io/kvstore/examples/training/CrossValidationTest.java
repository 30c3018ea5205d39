package io.kvstore.examples.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.kvstore.optimizer.Optimizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CrossValidationTest {
    private static final Optimizer SGD = Optimizer.of("sgd", Map.of("learning_rate", 0.05, "momentum", 0.9));

    private static List<FoldResult> train(Settings settings) {
        return new CrossValidation(Table.iris(), settings, new Silent()).run();
    }

    private static List<List<Epoch>> epochs(List<FoldResult> folds) {
        return folds.stream().map(FoldResult::epochs).toList();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void irisIsLearnedToNinetyFivePercentOnUnseenThirds(long seed) {
        List<FoldResult> folds = train(new Settings("device", 4, SGD, 30, seed));

        assertThat(FoldResult.meanTestAccuracy(folds)).as("seed %d", seed).isGreaterThanOrEqualTo(0.95);
        assertThat(folds).extracting(fold -> fold.epochs().size()).containsExactly(30, 30, 30);
    }

    @Test
    void theSameSeedGivesTheSameNumbers() {
        Settings settings = new Settings("device", 4, SGD, 3, 5);

        assertThat(epochs(train(settings))).isEqualTo(epochs(train(settings)));
    }

    @Test
    void anotherSeedGivesOtherNumbers() {
        assertThat(epochs(train(new Settings("device", 2, SGD, 1, 5))))
                .isNotEqualTo(epochs(train(new Settings("device", 2, SGD, 1, 6))));
    }

    @Test
    void theNumberOfDevicesChangesNothingButRounding() {
        List<FoldResult> one = train(new Settings("local", 1, SGD, 1, 5));
        List<FoldResult> many = train(new Settings("device", 48, SGD, 1, 5));

        for (int fold = 0; fold < 3; fold++) {
            assertThat(many.get(fold).last().loss())
                    .isCloseTo(one.get(fold).last().loss(), within(1e-3));
        }
    }

    @Test
    void everyEpochOfEveryThirdIsReported() {
        List<String> reported = new ArrayList<>();
        Progress progress = new Progress() {
            @Override
            public void report(Fold fold, Epoch epoch) {
                reported.add(fold.number() + "/" + epoch.number());
            }

            @Override
            public void close() {}
        };

        new CrossValidation(Table.iris(), new Settings("local", 1, SGD, 2, 1), progress).run();

        assertThat(reported).containsExactly("1/1", "1/2", "2/1", "2/2", "3/1", "3/2");
    }

    @Test
    void aDivergingTrainingEndsWithAdvice() {
        Optimizer wild = Optimizer.of("sgd", Map.of("learning_rate", 3e38));

        assertThatThrownBy(() -> train(new Settings("local", 1, wild, 20, 1)))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("of third 1: try a smaller learning_rate");
    }

    private static final class Silent implements Progress {
        @Override
        public void report(Fold fold, Epoch epoch) {}

        @Override
        public void close() {}
    }
}
