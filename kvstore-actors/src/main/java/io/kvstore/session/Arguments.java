package io.kvstore.session;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The list form of an operation's arguments, checked by position and grouped by key. */
final class Arguments {

    /**
     * One array of one key, and where it stood.
     *
     * @param list the argument's name
     * @param inner the place in the list that stood there, or -1 if the array itself did
     */
    record Item(Object array, String list, int outer, int inner) {

        /** Such as {@code values[2][1]}. */
        String where() {
            return inner < 0 ? place(list, outer) : place(place(list, outer), inner);
        }
    }

    private static String place(String list, int index) {
        return list + "[" + index + "]";
    }

    private Arguments() {}

    /** The keys in order, repeats included. @throws KVStoreException for a null, a wrong type, or mixed kinds */
    static List<Key> keys(String operation, List<?> keys, Session session) {
        notNull(operation, "keys", keys);
        List<Key> result = new ArrayList<>(keys.size());
        for (int i = 0; i < keys.size(); i++) {
            Key key = key(operation, keys.get(i), i);
            if (key.isInteger() != (i == 0 ? key : result.get(0)).isInteger()) {
                throw new KVStoreException(
                        Reason.MIXED_KEY_KINDS,
                        operation + ": keys[0] is " + kind(result.get(0)) + " and keys[" + i + "] is " + kind(key)
                                + "; one call takes keys of one kind");
            }
            if (!session.admits(key)) {
                throw new KVStoreException(
                        Reason.MIXED_KEY_KINDS,
                        key,
                        operation + " with a key of the wrong kind: this store holds " + session.kind()
                                + " keys, given " + kind(key));
            }
            result.add(key);
        }
        return result;
    }

    private static Key key(String operation, Object key, int position) {
        if (key instanceof Key k) {
            return k;
        }
        if (key instanceof String name) {
            return Key.of(name);
        }
        if (key instanceof Integer || key instanceof Long || key instanceof Short || key instanceof Byte) {
            return Key.of(((Number) key).longValue());
        }
        throw new KVStoreException(
                Reason.INVALID_ARGUMENT,
                operation + ": keys[" + position + "] must be an int, a String or a Key, given "
                        + (key == null ? "null" : key.getClass().getName()));
    }

    private static String kind(Key key) {
        return key.isInteger() ? "the integer " + key : "the string " + key;
    }

    /** The keys, none twice. @throws KVStoreException naming the repeated one */
    static Set<Key> unique(String operation, List<Key> keys) {
        Set<Key> seen = new LinkedHashSet<>();
        for (Key key : keys) {
            if (!seen.add(key)) {
                throw new KVStoreException(
                        Reason.ALREADY_INITIALIZED, key, operation + " is given the key twice; give it once");
            }
        }
        return seen;
    }

    /**
     * All arrays of each key, in the order in which keys first appear. Each entry of {@code values} is one array or a list
     * of arrays.
     *
     * @param name the argument's name, {@code values} or {@code outs}
     */
    static Map<Key, List<Item>> grouped(String operation, List<Key> keys, String name, List<?> values) {
        notNull(operation, name, values);
        if (keys.size() != values.size()) {
            throw new KVStoreException(
                    Reason.INVALID_ARGUMENT,
                    operation + " expects as many " + name + " as keys, given " + keys.size() + " keys and "
                            + values.size() + " " + name);
        }
        Map<Key, List<Item>> groups = new LinkedHashMap<>();
        for (int i = 0; i < keys.size(); i++) {
            List<Item> group = groups.computeIfAbsent(keys.get(i), key -> new ArrayList<>(2));
            add(operation, keys.get(i), values.get(i), name, i, group);
        }
        return groups;
    }

    /**
     * The items for each key, by position; one entry of {@code values} alone is for every key. Each entry is one item or a
     * list of items.
     *
     * @param name the argument's name
     */
    static List<List<Item>> oneForEachOrAll(String operation, List<Key> keys, String name, List<?> values) {
        notNull(operation, name, values);
        if (keys.size() != values.size() && values.size() != 1) {
            throw new KVStoreException(
                    Reason.INVALID_ARGUMENT,
                    operation + " expects as many " + name + " as keys, or one for all, given " + keys.size()
                            + " keys and " + values.size() + " " + name);
        }
        List<List<Item>> perKey = new ArrayList<>(keys.size());
        for (int i = 0; i < keys.size(); i++) {
            List<Item> items = new ArrayList<>();
            int at = values.size() == 1 ? 0 : i;
            add(operation, keys.get(i), values.get(at), name, at, items);
            perKey.add(items);
        }
        return perKey;
    }

    private static void add(String operation, Key key, Object oneOrSeveral, String name, int outer, List<Item> group) {
        if (oneOrSeveral instanceof List<?> several) {
            addAll(operation, key, several, name, outer, group);
        } else {
            group.add(new Item(oneOrSeveral, name, outer, -1));
        }
    }

    private static void addAll(String operation, Key key, List<?> several, String name, int outer, List<Item> group) {
        if (several.isEmpty()) {
            throw new KVStoreException(
                    Reason.INVALID_ARGUMENT,
                    key,
                    operation + " expects at least one array in " + place(name, outer) + ", given none");
        }
        for (int j = 0; j < several.size(); j++) {
            group.add(new Item(several.get(j), name, outer, j));
        }
    }

    private static void notNull(String operation, String name, List<?> list) {
        if (list == null) {
            throw new KVStoreException(Reason.INVALID_ARGUMENT, operation + ": " + name + " must not be null");
        }
    }

    /** Says of {@code problem} where and of which key it was found. */
    static KVStoreException at(String operation, Key key, Item item, KVStoreException problem) {
        return new KVStoreException(
                problem.reason(),
                key,
                operation + ", " + item.where() + ": " + problem.getMessage(),
                problem.getCause());
    }

    /** The refusal of an object that is not an array. */
    static KVStoreException notAnArray(String operation, Key key, Item item) {
        return new KVStoreException(
                Reason.INVALID_ARGUMENT,
                key,
                operation + ": " + item.where() + " must be an INDArray or a RowSparse, given "
                        + (item.array == null ? "null" : item.array.getClass().getName()));
    }
}
