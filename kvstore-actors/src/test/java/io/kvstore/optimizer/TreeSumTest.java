package io.kvstore.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TreeSumTest {
    private static final int WIDTH = 2;

    private static double[][] terms(int length, long seed) {
        Random random = new Random(seed);
        double[][] terms = new double[WIDTH][];
        for (int k = 0; k < WIDTH; k++) {
            terms[k] = random.doubles(length, -1, 1)
                    .map(x -> x * Math.pow(2, random.nextInt(60) - 30))
                    .toArray();
        }
        return terms;
    }

    private static double[][] range(double[][] terms, int from, int to) {
        double[][] range = new double[WIDTH][];
        for (int k = 0; k < WIDTH; k++) {
            range[k] = Arrays.copyOfRange(terms[k], from, to);
        }
        return range;
    }

    @Test
    void eightElementsAreAddedInPairs() {
        double[] x = terms(8, 3)[0];
        TreeSum sum = new TreeSum(1, 0);
        sum.addTerms(new double[][] {x.clone()}, 8);
        assertThat(sum.total()).containsExactly((x[0] + x[1] + (x[2] + x[3])) + (x[4] + x[5] + (x[6] + x[7])));
    }

    @Test
    void whatIsLeftAtTheEndIsAddedFromTheRight() {
        double[] x = terms(7, 4)[0];
        TreeSum sum = new TreeSum(1, 0);
        sum.addTerms(new double[][] {x.clone()}, 7);
        assertThat(sum.total()).containsExactly((x[0] + x[1] + (x[2] + x[3])) + ((x[4] + x[5]) + x[6]));
    }

    @Test
    void nothingSumsToZero() {
        assertThat(new TreeSum(2, 0).total()).containsExactly(0, 0);
        assertThat(new TreeSum(2, 5).nodes()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void rangesPutTogetherHaveTheBitsOfTheWhole(long seed) {
        Random random = new Random(seed);
        int length = 1 + random.nextInt(5000);
        double[][] terms = terms(length, seed);
        TreeSum whole = new TreeSum(WIDTH, 0);
        whole.addTerms(range(terms, 0, length), length);
        for (int cut = 0; cut < 50; cut++) {
            TreeSum together = new TreeSum(WIDTH, 0);
            int slice = 1 + random.nextInt(length);
            for (int from = 0; from < length; from += slice) {
                int to = Math.min(length, from + slice);
                TreeSum part = new TreeSum(WIDTH, from);
                int middle = from + random.nextInt(to - from + 1);
                part.addTerms(range(terms, from, middle), middle - from);
                part.addTerms(range(terms, middle, to), to - middle);
                together.addNodes(part.nodes(), to - from);
            }
            assertThat(together.total())
                    .as("seed %d: %d elements in slices of %d", seed, length, slice)
                    .isEqualTo(whole.total());
        }
    }

    @Test
    void aSliceHasFewNodesWhereverItLies() {
        for (int from : new int[] {0, 1, 12_345, 262_143}) {
            TreeSum sum = new TreeSum(WIDTH, from);
            for (int i = 0; i < 64; i++) {
                sum.addTerms(terms(4096, i), 4096);
            }
            assertThat(sum.nodes().length / WIDTH)
                    .as("nodes of 262144 elements from %d on", from)
                    .isLessThanOrEqualTo(2 * 18);
        }
    }

    @Test
    void nodesOfAnotherNumberOfElementsAreRefused() {
        TreeSum part = new TreeSum(WIDTH, 3);
        part.addTerms(terms(6, 1), 6);
        for (int length : new int[] {1, 5, 14}) {
            TreeSum together = new TreeSum(WIDTH, 3);
            assertThatThrownBy(() -> together.addNodes(part.nodes(), length))
                    .as("%d elements", length)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(length + " elements from 3 on");
        }
    }
}
