package io.kvstore.compression;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;

/**
 * How gradients are packed on their way to a key: a type and its parameter; immutable.
 *
 * <pre>{@code
 * GradientCompression.twoBit(0.5)
 * GradientCompression.of(Map.of("type", "2bit", "threshold", 0.5))   // the same, as MXNet writes it
 * }</pre>
 *
 * <table>
 *   <caption>The types</caption>
 *   <tr><th>type</th><th>parameter</th><th>each element is sent as</th><th>bits</th></tr>
 *   <tr><td>{@code 1bit}</td><td>{@code threshold}, any; default 0.5</td><td>+1 above the threshold, else -1</td><td>1</td></tr>
 *   <tr><td>{@code 2bit}</td><td>{@code threshold}, above 0; default 0.5</td><td>threshold, 0 or -threshold</td><td>2</td></tr>
 *   <tr><td>{@code fp16}</td><td></td><td>the nearest 16-bit number</td><td>16</td></tr>
 *   <tr><td>{@code topk}</td><td>{@code ratio} in (0, 1]; default 0.01</td><td>itself if among the greatest, else 0</td>
 *       <td>64 ratio</td></tr>
 *   <tr><td>{@code none}</td><td></td><td>itself</td><td>32</td></tr>
 * </table>
 *
 * <p>{@code 1bit} and {@code 2bit} are MXNet's, to the bit. With every type, what is not sent is kept by the sender and
 * added to the next gradient of the key ({@link Residuals}). Equal descriptions are equal values; {@link #toString} is one
 * that {@link #parse} reads, such as {@code 2bit(threshold=0.5)}.
 */
public final class GradientCompression {
    private static final GradientCompression NONE = new GradientCompression("none", null);
    private static final Map<String, String> PARAMETERS =
            Map.of("1bit", "threshold", "2bit", "threshold", "fp16", "", "topk", "ratio", "none", "");
    private static final double DEFAULT_THRESHOLD = 0.5;
    private static final double DEFAULT_RATIO = 0.01;
    private static final int MAX_TEXT = 100;

    private final String text;
    private final GradientCodec codec; // null: none

    private GradientCompression(String text, GradientCodec codec) {
        this.text = text;
        this.codec = codec;
    }

    /** Gradients as they are. */
    public static GradientCompression none() {
        return NONE;
    }

    /** MXNet's 1-bit quantisation. @throws KVStoreException unless the threshold, as a float32, is finite */
    public static GradientCompression oneBit(double threshold) {
        float limit = (float) threshold + 0f; // -0 equals 0
        if (!Float.isFinite(limit)) {
            throw wrong("1bit", "threshold", "finite as a float32", threshold);
        }
        return new GradientCompression("1bit(threshold=" + limit + ")", new OneBit(limit));
    }

    /** MXNet's 2-bit quantisation. @throws KVStoreException unless the threshold, as a float32, is positive and finite */
    public static GradientCompression twoBit(double threshold) {
        float limit = (float) threshold;
        if (!(limit > 0 && limit < Float.POSITIVE_INFINITY)) {
            throw wrong("2bit", "threshold", "greater than 0 and finite as a float32", threshold);
        }
        return new GradientCompression("2bit(threshold=" + limit + ")", new TwoBit(limit));
    }

    /** Numbers of 16 bits (IEEE 754 binary16). */
    public static GradientCompression fp16() {
        return new GradientCompression("fp16", new Fp16());
    }

    /** The greatest elements only. @throws KVStoreException unless the ratio is above 0 and at most 1 */
    public static GradientCompression topK(double ratio) {
        if (!(ratio > 0 && ratio <= 1)) {
            throw wrong("topk", "ratio", "greater than 0 and at most 1", ratio);
        }
        return new GradientCompression("topk(ratio=" + ratio + ")", new TopK(ratio));
    }

    /**
     * The compression that a dictionary like MXNet's describes.
     *
     * @param settings {@code type}, and where the type has one its parameter, a number
     * @throws KVStoreException naming what is missing, unknown or out of range (MXNet ignores unknown names)
     */
    public static GradientCompression of(Map<String, ?> settings) {
        if (settings == null || settings.get("type") == null) {
            throw refused("type is missing; give it as one of " + types());
        }
        Object type = settings.get("type");
        String parameter = type instanceof String ? PARAMETERS.get(type) : null;
        if (parameter == null) {
            throw refused("type must be one of " + types() + ", given " + type);
        }
        for (Object name : settings.keySet()) {
            if (!"type".equals(name) && (parameter.isEmpty() || !parameter.equals(name))) {
                throw refused("type '" + type + "' has no setting '" + name + "'; it has "
                        + (parameter.isEmpty() ? "none" : parameter));
            }
        }
        return switch ((String) type) {
            case "1bit" -> oneBit(number(settings, parameter, DEFAULT_THRESHOLD));
            case "2bit" -> twoBit(number(settings, parameter, DEFAULT_THRESHOLD));
            case "fp16" -> fp16();
            case "topk" -> topK(number(settings, parameter, DEFAULT_RATIO));
            default -> none();
        };
    }

    private static double number(Map<String, ?> settings, String name, double otherwise) {
        if (!settings.containsKey(name)) {
            return otherwise;
        }
        if (settings.get(name) instanceof Number number) {
            return number.doubleValue();
        }
        throw refused(name + " must be a number, given " + settings.get(name));
    }

    /** Reads what {@link #toString} writes. @throws KVStoreException if the text is no description of a compression */
    public static GradientCompression parse(String text) {
        int open = text.indexOf('(');
        int equals = text.indexOf('=', open);
        if (text.length() > MAX_TEXT) {
            throw refused("a description has at most " + MAX_TEXT + " characters, given " + text.length());
        }
        if (open < 0) {
            return of(Map.of("type", text));
        }
        if (equals < 0 || !text.endsWith(")")) {
            throw refused("expected type(name=number), given " + text);
        }
        Map<String, Object> settings = new HashMap<>();
        settings.put(text.substring(open + 1, equals), decimal(text.substring(equals + 1, text.length() - 1)));
        if (settings.put("type", text.substring(0, open)) != null) {
            throw refused("expected type(name=number), given " + text);
        }
        return of(settings);
    }

    private static BigDecimal decimal(String digits) {
        try {
            return new BigDecimal(digits);
        } catch (NumberFormatException e) {
            throw refused("expected a number, given " + digits);
        }
    }

    /** The type's name, as in a dictionary. */
    public String type() {
        int open = text.indexOf('(');
        return open < 0 ? text : text.substring(0, open);
    }

    public boolean isNone() {
        return codec == null;
    }

    /** The codec. @throws KVStoreException of {@link #none} */
    public GradientCodec codec() {
        if (codec == null) {
            throw refused("type 'none' packs nothing");
        }
        return codec;
    }

    private static String types() {
        return "1bit, 2bit, fp16, topk, none";
    }

    private static KVStoreException wrong(String type, String name, String expected, double given) {
        return refused("type '" + type + "': " + name + " must be " + expected + ", given " + given);
    }

    private static KVStoreException refused(String why) {
        return new KVStoreException(Reason.INVALID_ARGUMENT, "gradient compression: " + why);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof GradientCompression that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
