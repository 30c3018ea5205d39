package io.kvstore.examples.gpu;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** JSON text of maps, lists, texts, numbers and truth values; not null. */
final class Json {
    private Json() {}

    static String of(Object value) {
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .map(field -> quoted(field.getKey().toString()) + ": " + of(field.getValue()))
                    .collect(Collectors.joining(", ", "{", "}"));
        }
        if (value instanceof List<?> list) {
            String separator = list.stream().anyMatch(Map.class::isInstance) ? ",\n  " : ", ";
            return list.stream().map(Json::of).collect(Collectors.joining(separator, "[", "]"));
        }
        return value instanceof Number || value instanceof Boolean ? value.toString() : quoted(value.toString());
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ' || c > '~') {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
