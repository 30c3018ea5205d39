package io.kvstore.actor;

import io.kvstore.Key;

/**
 * One actor's share of a key: slice 0, the head, knows the whole key and holds the first slice's data; a small key is its
 * head alone.
 *
 * @param slice from 0
 */
public record Part(Key key, int slice) implements Comparable<Part> {

    public static Part head(Key key) {
        return new Part(key, 0);
    }

    public boolean isHead() {
        return slice == 0;
    }

    @Override
    public int compareTo(Part other) {
        int byKey = key.compareTo(other.key);
        return byKey != 0 ? byKey : Integer.compare(slice, other.slice);
    }

    /** The key, and {@code #} with the slice for all but the head. */
    @Override
    public String toString() {
        return isHead() ? key.toString() : key + "#" + slice;
    }
}
