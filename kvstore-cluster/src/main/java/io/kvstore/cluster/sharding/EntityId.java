package io.kvstore.cluster.sharding;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.actor.Part;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of one part of a key among the sharded entities of a cluster.
 *
 * @param store the store's name, which holds no colon
 * @param part the key and its slice
 */
public record EntityId(String store, Part part) {
    private static final Pattern FORM = Pattern.compile("(\\d{1,10}):([^:]+):([is])(.+)", Pattern.DOTALL);

    /** Reads what {@link #toString} wrote. @throws KVStoreException of anything else */
    public static EntityId parse(String text) {
        Matcher fields = FORM.matcher(text);
        if (fields.matches()) {
            try {
                String name = fields.group(4);
                Key key = fields.group(3).equals("i") ? Key.of(Long.parseLong(name)) : Key.of(name);
                EntityId id = new EntityId(fields.group(2), new Part(key, Integer.parseInt(fields.group(1))));
                if (id.toString().equals(text)) {
                    return id;
                }
            } catch (NumberFormatException e) {
                throw malformed(text, e);
            }
        }
        throw malformed(text, null);
    }

    private static KVStoreException malformed(String text, NumberFormatException cause) {
        return new KVStoreException(
                Reason.INVALID_ARGUMENT,
                null,
                "an entity id is slice:store:kind-and-name, such as 0:default:sweight or 2:default:i7, given '" + text
                        + "'",
                cause);
    }

    /** {@code slice:store:i7} for an integer key, {@code slice:store:sname} for a string key. */
    @Override
    public String toString() {
        return part.slice() + ":" + store + ":" + kind(part.key()) + part.key().name();
    }

    static char kind(Key key) {
        return key.isInteger() ? 'i' : 's';
    }
}
