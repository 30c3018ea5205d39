package io.kvstore;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Turns the argument forms into the list form; nulls pass through to where they are refused by name. */
final class Forms {
    private Forms() {}

    static List<Object> one(Object item) {
        return Arrays.asList(item);
    }

    static List<String> keys(Map<String, ?> map) {
        return map == null ? null : new ArrayList<>(map.keySet());
    }

    static List<?> values(Map<String, ?> map) {
        return map == null ? null : new ArrayList<>(map.values());
    }
}
