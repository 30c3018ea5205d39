package io.kvstore.optimizer;

import java.util.Map;
import java.util.TreeMap;

/** A rule's own settings by name, complete with defaults; immutable. */
public final class Settings {
    private final TreeMap<String, Double> values;

    Settings(Map<String, Double> values) {
        this.values = new TreeMap<>(values);
    }

    /** The value of a setting that the rule declares. */
    public double get(String name) {
        return values.get(name);
    }

    /** Whether a yes-or-no setting is on. */
    public boolean on(String name) {
        return values.get(name) != 0;
    }

    Map<String, Double> asMap() {
        return new TreeMap<>(values);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Settings that && values.equals(that.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return values.toString();
    }
}
