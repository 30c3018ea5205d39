package io.kvstore.examples.benchmarks.mxnet;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A float32 setting of an operator, as a text that MXNet reads as exactly this number.
 *
 * <p>MXNet takes settings as text and is off by one unit in the last place for about every seventh one. The text chosen
 * here is one that it has been seen to read right, so that arithmetic is compared and not the reading of numbers.
 */
final class MxNumber {
    private static final Map<Float, String> TEXTS = new ConcurrentHashMap<>();
    private static final int DIGITS = 60;

    private MxNumber() {}

    static String text(double value) {
        return TEXTS.computeIfAbsent((float) value, MxNumber::find);
    }

    private static String find(float value) {
        BigDecimal exact = new BigDecimal(value);
        BigDecimal step = new BigDecimal(Math.ulp(value)).divide(BigDecimal.valueOf(8));
        for (int away = 0; away <= DIGITS; away++) {
            int sign = away % 2 == 0 ? 1 : -1;
            BigDecimal near = exact.add(step.multiply(BigDecimal.valueOf((long) sign * ((away + 1) / 2))));
            String text = near.round(new java.math.MathContext(12)).toPlainString();
            if (read(text) == value) {
                return text;
            }
        }
        throw new MxException("no text that MXNet reads as " + value);
    }

    /** What MXNet makes of a text: one step of SGD from 0 with the gradient -1 and the text as its rate. */
    static float read(String text) {
        try (MxArray weight = MxArray.of(new float[] {0});
                MxArray gradient = MxArray.of(new float[] {-1})) {
            MxOps.invoke("sgd_update", List.of(weight, gradient), List.of(weight), Map.of("lr", text));
            return weight.toFloats()[0];
        }
    }
}
