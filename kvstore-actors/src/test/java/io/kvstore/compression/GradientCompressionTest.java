package io.kvstore.compression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GradientCompressionTest {

    @Test
    void aDictionaryLikeMxnetsMeansTheSameAsTheFactory() {
        assertThat(GradientCompression.of(Map.of("type", "1bit", "threshold", -0.5)))
                .isEqualTo(GradientCompression.oneBit(-0.5));
        assertThat(GradientCompression.of(Map.of("type", "2bit", "threshold", 2)))
                .isEqualTo(GradientCompression.twoBit(2));
        assertThat(GradientCompression.of(Map.of("type", "topk", "ratio", 0.1f)))
                .isEqualTo(GradientCompression.topK(0.1f));
        assertThat(GradientCompression.of(Map.of("type", "fp16"))).isEqualTo(GradientCompression.fp16());
        assertThat(GradientCompression.of(Map.of("type", "none"))).isEqualTo(GradientCompression.none());
    }

    @Test
    void aThresholdIsOneHalfAndARatioOnePercentUnlessGiven() {
        assertThat(GradientCompression.of(Map.of("type", "1bit"))).isEqualTo(GradientCompression.oneBit(0.5));
        assertThat(GradientCompression.of(Map.of("type", "2bit"))).isEqualTo(GradientCompression.twoBit(0.5));
        assertThat(GradientCompression.of(Map.of("type", "topk"))).isEqualTo(GradientCompression.topK(0.01));
    }

    @Test
    void equalDescriptionsAreEqualAndOthersAreNot() {
        assertThat(GradientCompression.twoBit(0.1)).isEqualTo(GradientCompression.twoBit(0.1f));
        assertThat(GradientCompression.twoBit(0.1)).hasSameHashCodeAs(GradientCompression.twoBit(0.1f));
        assertThat(GradientCompression.oneBit(-0.0)).isEqualTo(GradientCompression.oneBit(0));
        assertThat(GradientCompression.twoBit(0.1)).isNotEqualTo(GradientCompression.twoBit(0.2));
        assertThat(GradientCompression.twoBit(0.1)).isNotEqualTo(GradientCompression.oneBit(0.1));
        assertThat(GradientCompression.fp16()).isNotEqualTo(GradientCompression.none());
    }

    @Test
    void theTextIsReadableAndReadsAsTheSameForAnyParameter() {
        assertThat(GradientCompression.twoBit(0.5)).hasToString("2bit(threshold=0.5)");
        assertThat(GradientCompression.topK(0.01)).hasToString("topk(ratio=0.01)");
        assertThat(GradientCompression.fp16()).hasToString("fp16");
        assertThat(GradientCompression.none()).hasToString("none");
        assertReadsBack(GradientCompression.fp16());
        assertReadsBack(GradientCompression.none());
        assertReadsBack(GradientCompression.twoBit(Float.MIN_VALUE));
        assertReadsBack(GradientCompression.oneBit(-Float.MAX_VALUE));
        long seed = 5;
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 10_000; i++) {
            float any = Float.intBitsToFloat(random.nextInt());
            if (Float.isFinite(any)) {
                assertReadsBack(GradientCompression.oneBit(any));
            }
            assertReadsBack(GradientCompression.topK(random.nextDouble() + Double.MIN_VALUE));
        }
    }

    private static void assertReadsBack(GradientCompression compression) {
        GradientCompression read = GradientCompression.parse(compression.toString());
        assertThat(read).isEqualTo(compression);
        assertThat(read.type()).isEqualTo(compression.type());
        assertThat(read.isNone()).isEqualTo(compression.isNone());
    }

    @Test
    void whatIsMissingUnknownOrOutOfRangeIsRefusedByName() {
        assertRefused(Map.of(), "type is missing");
        assertRefused(Map.of("threshold", 1), "type is missing");
        assertRefused(Map.of("type", "3bit"), "1bit, 2bit, fp16, topk, none, given 3bit");
        assertRefused(Map.of("type", 2), "given 2");
        assertRefused(Map.of("type", "2bit", "treshold", 1), "no setting 'treshold'; it has threshold");
        assertRefused(Map.of("type", "fp16", "threshold", 1), "no setting 'threshold'; it has none");
        assertRefused(Map.of("type", "fp16", "", 1), "no setting ''");
        assertRefused(Map.of("type", "2bit", "threshold", "0.5"), "threshold must be a number, given 0.5");
        assertRefused(Map.of("type", "2bit", "threshold", 0), "greater than 0 and finite as a float32, given 0.0");
        assertRefused(Map.of("type", "2bit", "threshold", -1), "given -1.0");
        assertRefused(Map.of("type", "2bit", "threshold", Double.NaN), "given NaN");
        assertRefused(Map.of("type", "2bit", "threshold", 1e39), "given 1.0E39");
        assertRefused(Map.of("type", "2bit", "threshold", 1e-60), "given 1.0E-60");
        assertRefused(Map.of("type", "1bit", "threshold", Double.NEGATIVE_INFINITY), "finite as a float32");
        assertRefused(Map.of("type", "topk", "ratio", 0), "greater than 0 and at most 1, given 0.0");
        assertRefused(Map.of("type", "topk", "ratio", 1.5), "given 1.5");
        Map<String, Object> nulls = new HashMap<>();
        nulls.put("type", "2bit");
        nulls.put("threshold", null);
        assertRefused(nulls, "given null");
        assertRefused(null, "type is missing");
        Map<Object, Object> raw = new LinkedHashMap<>();
        raw.put("type", "2bit");
        raw.put(7, 1);
        @SuppressWarnings("unchecked")
        Map<String, ?> keyed = (Map<String, ?>) (Map<?, ?>) raw;
        assertRefused(keyed, "no setting '7'");
    }

    private static void assertRefused(Map<String, ?> settings, String why) {
        KVStoreException refusal = catchThrowableOfType(KVStoreException.class, () -> GradientCompression.of(settings));
        assertThat(refusal).as("of %s", settings).isNotNull().hasMessageContaining(why);
        assertThat(refusal.reason()).isEqualTo(Reason.INVALID_ARGUMENT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "2bit(",
                "2bit)",
                "2bit()",
                "2bit(threshold)",
                "2bit(threshold=)",
                "2bit(threshold=0.5",
                "2bit(threshold=0.5)x",
                "2bit(threshold=NaN)",
                "2bit(threshold=1e999999999)",
                "2bit(threshold=1e99999999999)",
                "2bit(threshold=0.5,threshold=1)",
                "2bit(type=1)",
                "(threshold=1)",
                "none()",
                "none(x=1)",
                "topk(ratio=2)",
                "gzip"
            })
    void aTextThatIsNoDescriptionIsRefused(String text) {
        KVStoreException refusal = catchThrowableOfType(KVStoreException.class, () -> GradientCompression.parse(text));
        assertThat(refusal).as(text).isNotNull();
        assertThat(refusal.reason()).isEqualTo(Reason.INVALID_ARGUMENT);
    }

    @Test
    void aTextBeyondAnyDescriptionIsRefusedUnread() {
        String digits = "1".repeat(1_000_000);
        KVStoreException refusal = catchThrowableOfType(
                KVStoreException.class, () -> GradientCompression.parse("2bit(threshold=" + digits + ")"));
        assertThat(refusal)
                .hasMessageContaining("at most 100 characters, given 1000016")
                .message()
                .hasSizeLessThan(200);
    }

    @Test
    void noneHasNoCodec() {
        assertThat(catchThrowableOfType(
                        KVStoreException.class, () -> GradientCompression.none().codec()))
                .hasMessageContaining("packs nothing");
    }
}
