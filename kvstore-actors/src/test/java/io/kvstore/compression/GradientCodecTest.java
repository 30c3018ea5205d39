package io.kvstore.compression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every codec promises. */
class GradientCodecTest {
    private static final int[] LENGTHS = {0, 1, 3, 5, 31, 33, 4095, 4097, 100_003};

    static Stream<GradientCompression> compressions() {
        return Stream.of(
                GradientCompression.oneBit(0.25),
                GradientCompression.twoBit(0.5),
                GradientCompression.fp16(),
                GradientCompression.topK(0.01),
                GradientCompression.topK(0.9));
    }

    static Stream<GradientCompression> elementWise() {
        return compressions().filter(compression -> !compression.type().equals("topk"));
    }

    private static float[] gradient(int length, Random random) {
        float[] gradient = new float[length];
        for (int i = 0; i < length; i++) {
            gradient[i] = random.nextInt(4) == 0 ? 0.5f : (float) random.nextGaussian();
        }
        return gradient;
    }

    private static float[] decoded(GradientCodec codec, byte[] payload, int length) {
        float[] values = new float[length];
        codec.decode(payload, 0, length, values, 0);
        return values;
    }

    @ParameterizedTest
    @MethodSource("compressions")
    void aPayloadIsSoundAndOfTheAnnouncedSize(GradientCompression compression) {
        GradientCodec codec = compression.codec();
        for (int length : LENGTHS) {
            byte[] payload = codec.encoder(gradient(length, new Random(length))).encode(0, length);
            assertThat(codec.problem(payload, length)).as("%s elements", length).isNull();
            assertThat((long) payload.length).as("%s elements", length).isEqualTo(codec.payloadBytes(length));
        }
    }

    @ParameterizedTest
    @MethodSource("compressions")
    void whatIsSentAndWhatIsLeftAreTheGradientAndOverManyPushesTheirSum(GradientCompression compression) {
        long seed = 11;
        Random random = new Random(seed);
        GradientCodec codec = compression.codec();
        int length = 1000;
        float[] left = new float[length];
        double[] sent = new double[length];
        double[] total = new double[length];
        double greatest = 0;
        for (int push = 0; push < 200; push++) {
            float[] gradient = gradient(length, random);
            for (int i = 0; i < length; i++) {
                left[i] += gradient[i];
                total[i] += gradient[i];
                greatest = Math.max(greatest, Math.abs(left[i]));
            }
            float[] decoded = decoded(codec, codec.encoder(left).encode(0, length), length);
            for (int i = 0; i < length; i++) {
                sent[i] += decoded[i];
            }
        }
        for (int i = 0; i < length; i++) { // each push rounds twice, a sum and a difference
            assertThat(sent[i] + left[i])
                    .as("%s, element %s, seed %s", compression, i, seed)
                    .isCloseTo(total[i], within(200.0 * Math.ulp((float) greatest)));
        }
    }

    @ParameterizedTest
    @MethodSource("compressions")
    void anyRangeIsReadAsItIsReadInTheWhole(GradientCompression compression) {
        long seed = 12;
        Random random = new Random(seed);
        GradientCodec codec = compression.codec();
        int length = 4097;
        byte[] payload = codec.encoder(gradient(length, random)).encode(0, length);
        float[] whole = decoded(codec, payload, length);
        for (int i = 0; i < 300; i++) {
            int from = random.nextInt(length + 1);
            int count = random.nextInt(length - from + 1);
            float[] range = new float[count + 2];
            range[0] = 7;
            range[count + 1] = 7;
            codec.decode(payload, from, count, range, 1);
            assertThat(range[0]).isEqualTo(7);
            assertThat(range[count + 1]).isEqualTo(7);
            for (int j = 0; j < count; j++) {
                assertThat(range[j + 1])
                        .as("seed %s, range %s + %s", seed, from, j)
                        .isEqualTo(whole[from + j]);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("compressions")
    void slicesInAnyOrderSendAndLeaveWhatTheWholeDoes(GradientCompression compression) {
        long seed = 13;
        Random random = new Random(seed);
        GradientCodec codec = compression.codec();
        int length = 100_003;
        int slice = 32 * 300;
        float[] whole = gradient(length, random);
        float[] sliced = whole.clone();
        float[] expected = decoded(codec, codec.encoder(whole).encode(0, length), length);
        GradientCodec.Encoder encoder = codec.encoder(sliced);
        List<Integer> starts = new ArrayList<>();
        for (int from = 0; from < length; from += slice) {
            starts.add(from);
        }
        Collections.shuffle(starts, random);
        float[] actual = new float[length];
        for (int from : starts) {
            int count = Math.min(slice, length - from);
            byte[] payload = encoder.encode(from, count);
            assertThat(codec.problem(payload, count)).isNull();
            codec.decode(payload, 0, count, actual, from);
        }
        assertThat(actual).as("sent, seed %s", seed).isEqualTo(expected);
        assertThat(sliced).as("left, seed %s", seed).isEqualTo(whole);
    }

    @ParameterizedTest
    @MethodSource("elementWise")
    void thePayloadsOfSlicesInARowAreThePayloadOfTheWhole(GradientCompression compression) {
        GradientCodec codec = compression.codec();
        int length = 65_536 + 77;
        float[] gradient = gradient(length, new Random(14));
        byte[] whole = codec.encoder(gradient.clone()).encode(0, length);
        GradientCodec.Encoder encoder = codec.encoder(gradient);
        ByteArrayOutputStream row = new ByteArrayOutputStream();
        row.writeBytes(encoder.encode(0, 65_536));
        row.writeBytes(encoder.encode(65_536, 77));
        assertThat(row.toByteArray()).isEqualTo(whole);
    }
}
