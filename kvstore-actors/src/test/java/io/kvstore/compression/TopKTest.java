package io.kvstore.compression;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopKTest {

    @ParameterizedTest
    @CsvSource({
        "0.07, 100, 7",
        "0.01, 1, 1",
        "0.01, 101, 2",
        "0.5, 3, 2",
        "1, 5, 5",
        "1e-9, 100, 1",
        "0.3, 10, 3",
        "0.5, 0, 0"
    })
    void asManyAreSentAsTheRatioSaysRoundedUpButAtLeastOne(double ratio, int length, int count) {
        GradientCodec codec = GradientCompression.topK(ratio).codec();
        assertThat(codec.payloadBytes(length)).isEqualTo(4 + 8 * count);
        assertThat(codec.encoder(new float[length]).encode(0, length)).hasSize(4 + 8 * count);
    }

    @Test
    void thePayloadIsTheCountTheIndicesAndTheValuesLittleEndian() {
        float[] values = {1, -3, 2, 0};
        byte[] payload = GradientCompression.topK(0.5).codec().encoder(values).encode(0, 4);
        assertThat(payload).containsExactly(2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0x40, 0xc0, 0, 0, 0, 0x40);
        assertThat(values).containsExactly(1, 0, 0, 0);
    }

    @Test
    void ofEqualMagnitudesTheLowestIndicesAreSent() {
        float[] values = {1, -2, 2, -2, 1, 2};
        GradientCompression.topK(0.5).codec().encoder(values).encode(0, 6);
        assertThat(values).containsExactly(1, 0, 0, 0, 1, 2);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 100, 4097, 50_000})
    void theChosenAreThoseThatSortingFinds(int length) {
        long seed = length;
        Random random = new Random(seed);
        for (int round = 0; round < 20; round++) {
            float[] values = new float[length];
            for (int i = 0; i < length; i++) {
                values[i] = switch (round % 4) {
                    case 0 -> (float) random.nextGaussian();
                    case 1 -> random.nextInt(5) - 2;
                    case 2 -> Float.intBitsToFloat(random.nextInt() & 0xff7fffff); // finite, of any magnitude
                    default -> 1e-3f + random.nextInt(3) * Math.ulp(1e-3f);
                };
            }
            int k = 1 + random.nextInt(length);
            Greatest greatest = Greatest.of(values, k);
            int[] chosen = IntStream.range(0, length)
                    .filter(i -> greatest.has(values[i], i))
                    .toArray();
            int[] sorted = IntStream.range(0, length)
                    .boxed()
                    .sorted(Comparator.<Integer>comparingDouble(i -> -Math.abs((double) values[i]))
                            .thenComparing(Comparator.naturalOrder()))
                    .limit(k)
                    .mapToInt(i -> i)
                    .sorted()
                    .toArray();
            assertThat(chosen).as("k %s, round %s, seed %s", k, round, seed).isEqualTo(sorted);
        }
    }
}
