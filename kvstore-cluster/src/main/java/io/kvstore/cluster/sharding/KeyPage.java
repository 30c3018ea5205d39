package io.kvstore.cluster.sharding;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Some of a server's keys of one store, in order, as text that a command can carry: {@code +} if others follow or {@code .},
 * and for each key {@code i} or {@code s}, the length of its name, a colon, and the name.
 *
 * @param keys sorted
 * @param more whether others follow
 */
public record KeyPage(List<Key> keys, boolean more) {
    private static final int MOST_BYTES = 100 * 1024;

    /** The first of {@code sorted} after {@code after}, as many as one answer can carry. */
    static KeyPage of(List<Key> sorted, Key after) {
        List<Key> page = new ArrayList<>();
        int bytes = 0;
        for (Key key : sorted) {
            if (after != null && key.compareTo(after) <= 0) {
                continue;
            }
            bytes += entry(key).getBytes(StandardCharsets.UTF_8).length;
            if (bytes > MOST_BYTES && !page.isEmpty()) {
                return new KeyPage(page, true);
            }
            page.add(key);
        }
        return new KeyPage(page, false);
    }

    /** One key as text. */
    public static String entry(Key key) {
        return "" + EntityId.kind(key) + key.name().length() + ":" + key.name();
    }

    String toText() {
        StringBuilder text = new StringBuilder(more ? "+" : ".");
        keys.forEach(key -> text.append(entry(key)));
        return text.toString();
    }

    /** Reads what a server has answered. @throws KVStoreException of anything else */
    public static KeyPage parse(String text) {
        try {
            return new KeyPage(entries(text.substring(1)), text.charAt(0) == '+');
        } catch (IndexOutOfBoundsException | NumberFormatException e) {
            throw new KVStoreException(Reason.INTERNAL, null, "a list of keys that nobody can read: " + text, e);
        }
    }

    /** Reads entries that follow each other. */
    static List<Key> entries(String text) {
        List<Key> keys = new ArrayList<>();
        for (int at = 0; at < text.length(); ) {
            int colon = text.indexOf(':', at);
            int end = colon + 1 + Integer.parseInt(text.substring(at + 1, colon));
            String name = text.substring(colon + 1, end);
            keys.add(text.charAt(at) == 'i' ? Key.of(Long.parseLong(name)) : Key.of(name));
            at = end;
        }
        return keys;
    }
}
