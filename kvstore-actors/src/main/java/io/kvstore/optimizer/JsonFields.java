package io.kvstore.optimizer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The fields of one JSON object, taken one by one; what is left at the {@link #end} is unknown and refused. */
final class JsonFields {
    private final String path;
    private final Map<String, Object> left;

    JsonFields(String path, Map<String, Object> fields) {
        this.path = path;
        this.left = new TreeMap<>(fields);
    }

    boolean has(String name) {
        return left.containsKey(name);
    }

    Object take(String name) {
        Object value = left.remove(name);
        if (value == null) {
            throw JsonReader.refused("field " + path + name + " is missing or null");
        }
        return value;
    }

    String text(String name) {
        Object value = take(name);
        if (value instanceof String text) {
            return text;
        }
        throw wrong(name, "a string", value);
    }

    String text(String name, String otherwise) {
        return has(name) ? text(name) : otherwise;
    }

    double number(String name, double otherwise) {
        if (!has(name)) {
            return otherwise;
        }
        Object value = take(name);
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        throw wrong(name, "a number", value);
    }

    long count(String name) {
        return count(name, take(name));
    }

    long count(String name, long otherwise) {
        return has(name) ? count(name) : otherwise;
    }

    private long count(String name, Object value) {
        if (value instanceof Integer || value instanceof Long) {
            return ((Number) value).longValue();
        }
        throw wrong(name, "a whole number", value);
    }

    List<Long> counts(String name) {
        Object value = take(name);
        if (!(value instanceof List<?> list)) {
            throw wrong(name, "a list of whole numbers", value);
        }
        List<Long> counts = new ArrayList<>(list.size());
        list.forEach(element -> counts.add(count(name, element)));
        return counts;
    }

    /** The fields of an object; none if it is missing. */
    Map<String, Object> object(String name) {
        Map<String, Object> fields = new TreeMap<>();
        if (has(name)) {
            Object value = take(name);
            if (!(value instanceof Map<?, ?> map)) {
                throw wrong(name, "an object", value);
            }
            map.forEach((key, inner) -> fields.put((String) key, inner));
        }
        return fields;
    }

    void end() {
        if (!left.isEmpty()) {
            throw JsonReader.refused(
                    "unknown field " + path + left.keySet().iterator().next());
        }
    }

    private RuntimeException wrong(String name, String expected, Object given) {
        return JsonReader.refused("field " + path + name + " must be " + expected + ", given " + given);
    }
}
