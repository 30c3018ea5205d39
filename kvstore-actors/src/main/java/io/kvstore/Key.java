package io.kvstore;

import java.util.Objects;

/**
 * The name of one parameter: a 64-bit integer or a string. {@code 3} and {@code "3"} are different keys, and one store
 * holds keys of one kind only.
 */
public final class Key implements Comparable<Key> {
    /** The longest name, in characters: names travel in each message about their key. */
    public static final int MAX_NAME_LENGTH = 4096;

    private final String name; // null for an integer key
    private final long number;

    private Key(String name, long number) {
        this.name = name;
        this.number = number;
    }

    public static Key of(long number) {
        return new Key(null, number);
    }

    /** A string key. @throws KVStoreException if the name is null, empty or longer than {@link #MAX_NAME_LENGTH} */
    public static Key of(String name) {
        if (name == null || name.isEmpty()) {
            throw new KVStoreException(
                    Reason.INVALID_ARGUMENT, "a key's name must not be " + (name == null ? "null" : "empty"));
        }
        if (name.length() > MAX_NAME_LENGTH) {
            throw new KVStoreException(
                    Reason.INVALID_ARGUMENT,
                    "a key's name has at most " + MAX_NAME_LENGTH + " characters, given " + name.length() + ": "
                            + name.substring(0, 40) + "...");
        }
        return new Key(name, 0);
    }

    /** A key from a {@code Key}, a {@code String}, an {@code Integer} or a {@code Long}. */
    static Key from(Object key, String where) {
        if (key instanceof Key k) {
            return k;
        }
        if (key instanceof String s) {
            return of(s);
        }
        if (key instanceof Integer || key instanceof Long || key instanceof Short) {
            return of(((Number) key).longValue());
        }
        throw new KVStoreException(
                Reason.INVALID_ARGUMENT,
                where + ": a key is an int, a String or a Key, given "
                        + (key == null ? "null" : key.getClass().getName()));
    }

    public boolean isInteger() {
        return name == null;
    }

    /** The number of an integer key. @throws IllegalStateException of a string key */
    public long number() {
        if (name != null) {
            throw new IllegalStateException("key " + this + " is not an integer key");
        }
        return number;
    }

    /** The key's text without quotes, by which an optimizer's multipliers know it. */
    public String name() {
        return name == null ? Long.toString(number) : name;
    }

    @Override
    public int compareTo(Key other) {
        if (isInteger() != other.isInteger()) {
            return isInteger() ? -1 : 1;
        }
        return isInteger() ? Long.compare(number, other.number) : name.compareTo(other.name);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Key that && number == that.number && Objects.equals(name, that.name);
    }

    @Override
    public int hashCode() {
        return name == null ? Long.hashCode(number) : name.hashCode();
    }

    /** The number, or the name in single quotes. */
    @Override
    public String toString() {
        return name == null ? Long.toString(number) : "'" + name + "'";
    }
}
