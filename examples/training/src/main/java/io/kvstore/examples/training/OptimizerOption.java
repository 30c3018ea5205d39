package io.kvstore.examples.training;

import io.kvstore.KVStoreException;
import io.kvstore.optimizer.Optimizer;
import java.util.LinkedHashMap;
import java.util.Map;

/** The option {@code --optimizer name[:setting=value,...]}, with the store's names and defaults. */
final class OptimizerOption {
    private OptimizerOption() {}

    /** Throws InputException when the text has another form, or the store knows no such optimizer or setting. */
    static Optimizer parse(String text) {
        int colon = text.indexOf(':');
        String name = colon < 0 ? text : text.substring(0, colon);
        String settings = colon < 0 ? "" : text.substring(colon + 1);
        try {
            return Optimizer.of(name.strip(), settings(settings));
        } catch (IllegalArgumentException | KVStoreException e) {
            throw new InputException("--optimizer " + Text.shorten(text) + ": " + e.getMessage());
        }
    }

    private static Map<String, Object> settings(String text) {
        Map<String, Object> settings = new LinkedHashMap<>();
        if (text.isBlank()) {
            return settings;
        }
        for (String pair : text.split(",", -1)) {
            int equals = pair.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("setting=value expected, given '" + Text.shorten(pair) + "'");
            }
            settings.put(
                    pair.substring(0, equals).strip(),
                    value(pair.substring(equals + 1).strip()));
        }
        return settings;
    }

    private static Object value(String text) {
        if (text.equals("true") || text.equals("false")) {
            return Boolean.valueOf(text);
        }
        return CsvReader.NUMBER.matcher(text).matches() ? (Object) Double.valueOf(text) : text;
    }
}
