package io.kvstore.compression;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.tensor.DType;
import io.kvstore.tensor.Dense;
import io.kvstore.tensor.EncodedTensor;
import io.kvstore.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DecodingTest {
    private static EncodedTensor tensor(String codec, int length, int... payload) {
        byte[] bytes = new byte[payload.length];
        for (int i = 0; i < payload.length; i++) {
            bytes[i] = (byte) payload[i];
        }
        return new EncodedTensor(codec, DType.FLOAT32, Shape.of(length), bytes);
    }

    private static void assertProblem(EncodedTensor tensor, String why) {
        assertThat(Decoding.problem(tensor)).contains(why);
    }

    @Test
    void whatCannotBeDecodedIsToldWithTheReason() {
        assertProblem(tensor("gzip", 1, 0, 0, 0, 0), "type must be one of 1bit, 2bit, fp16, topk, none, given gzip");
        assertProblem(tensor("none", 1, 0, 0, 0, 0), "type 'none' packs nothing");
        assertProblem(tensor("2bit(threshold=0)", 1, 0, 0, 0, 0), "greater than 0");
        assertProblem(tensor("2bit(threshold=1)", 17, 0, 0, 0, 0), "payload of 17 elements has 8 bytes, given 4");
        assertProblem(tensor("1bit(threshold=1)", 32), "payload of 32 elements has 4 bytes, given 0");
        assertProblem(tensor("fp16", 2, 0, 0, 0), "payload of 2 elements has 4 bytes, given 3");
        assertProblem(tensor("topk(ratio=0.5)", 2, 1, 0, 0), "at least 4 bytes, given 3");
        assertProblem(tensor("topk(ratio=0.5)", 2, 3, 0, 0, 0), "2 elements names 3 of them");
        assertProblem(tensor("topk(ratio=0.5)", 2, 0xff, 0xff, 0xff, 0xff), "2 elements names -1 of them");
        assertProblem(tensor("topk(ratio=0.5)", 2, 1, 0, 0, 0), "1 indices and values has 12 bytes, given 4");
        assertProblem(tensor("topk(ratio=0.5)", 2, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0), "given 2 after -1");
        assertProblem(tensor("topk(ratio=0.5)", 2, 1, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0), "given -2147483648");
        assertProblem(
                tensor("topk(ratio=1)", 2, 2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
                "given 1 after 1");
    }

    @Test
    void otherTypesThanFloat32AreNotDecoded() {
        assertProblem(
                new EncodedTensor("fp16", DType.FLOAT64, Shape.of(1), new byte[2]), "is for float32, given float64");
    }

    @Test
    void aHugeDeclaredShapeIsRefusedWithoutMemoryForIt() {
        for (long extent : new long[] {1L << 31, 1L << 40, Long.MAX_VALUE}) {
            assertProblem(
                    new EncodedTensor("topk(ratio=1)", DType.FLOAT32, Shape.of(extent), new byte[4]), "has more than");
        }
        assertProblem(
                new EncodedTensor("2bit(threshold=1)", DType.FLOAT32, Shape.of(Integer.MAX_VALUE - 8), new byte[4]),
                "has 536870912 bytes, given 4");
    }

    /** Sound payloads cut short, lengthened and changed, and random bytes: told or decoded, and nothing else. */
    @ParameterizedTest
    @MethodSource("io.kvstore.compression.GradientCodecTest#compressions")
    void anyBytesAreEitherRefusedOrDecoded(GradientCompression compression) {
        long seed = 99;
        Random random = new Random(seed);
        int decoded = 0;
        int refused = 0;
        for (int round = 0; round < 20_000; round++) {
            int length = random.nextInt(70);
            EncodedTensor tensor = new EncodedTensor(
                    compression.toString(), DType.FLOAT32, Shape.of(length), payload(compression, length, random));
            if (Decoding.problem(tensor) != null) {
                refused++;
                continue;
            }
            decoded++;
            Dense dense = Decoding.of(tensor);
            int from = random.nextInt(length + 1);
            int count = random.nextInt(length - from + 1);
            float[] values = new float[count];
            dense.read(from, values, 0, count);
        }
        assertThat(List.of(decoded, refused))
                .as("decoded and refused, seed %s", seed)
                .allMatch(n -> n > 1000);
    }

    private static byte[] payload(GradientCompression compression, int length, Random random) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        byte[] payload = compression.codec().encoder(values).encode(0, length);
        switch (random.nextInt(4)) {
            case 0 -> payload = Arrays.copyOf(payload, random.nextInt(payload.length + 9));
            case 1 -> {
                payload = new byte[random.nextInt(2) == 0 ? payload.length : random.nextInt(600)];
                random.nextBytes(payload);
            }
            case 2 -> {
                for (int i = random.nextInt(3); i >= 0 && payload.length > 0; i--) {
                    payload[random.nextInt(payload.length)] = (byte) random.nextInt();
                }
            }
            default -> {} // sound
        }
        return payload;
    }

    @Test
    void anyCodecTextIsEitherRefusedOrKnown() {
        long seed = 100;
        Random random = new Random(seed);
        String alphabet = "2bit1fp6opkne(threshold=ratio)0.5-Ee,\u0000\u00e4 ";
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder(random.nextBoolean() ? "2bit(threshold=0.5)" : "");
            for (int i = random.nextInt(6); i > 0; i--) {
                text.insert(random.nextInt(text.length() + 1), alphabet.charAt(random.nextInt(alphabet.length())));
            }
            EncodedTensor tensor = tensor(text.toString(), 1, 0, 0, 0, 0);
            if (Decoding.problem(tensor) == null) {
                assertThat(Decoding.of(tensor).length()).isEqualTo(1);
            }
        }
    }
}
