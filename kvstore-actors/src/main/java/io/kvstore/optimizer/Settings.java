package io.kvstore.optimizer;

import java.util.Map;
import java.util.TreeMap;

/** A rule's own settings by name, complete with defaults; immutable. */
public final class Settings {
    private final TreeMap<String, Double> values;

    private Settings(Map<String, Double> values) {
        this.values = new TreeMap<>(values);
    }

    static Settings defaultsOf(OptimizerRule rule) {
        Settings defaults = new Settings(rule.settings());
        defaults.values.keySet().removeAll(Common.NAMES);
        return defaults;
    }

    /** These settings with another value for one. */
    Settings with(String name, Object value) {
        if (!values.containsKey(name)) {
            throw new IllegalArgumentException("there is no setting '" + name + "'; known are " + values.keySet()
                    + " and the common " + Common.NAMES);
        }
        Settings changed = new Settings(values);
        changed.values.put(name, Values.number(name, value));
        return changed;
    }

    /** The value of a setting that the rule declares. @throws IllegalArgumentException of another */
    public double get(String name) {
        Double value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("there is no setting '" + name + "'; known are " + values.keySet());
        }
        return value;
    }

    /** Whether a yes-or-no setting is on. */
    public boolean on(String name) {
        return get(name) != 0;
    }

    /** The settings in the order of their names, for reading only. */
    Map<String, Double> asMap() {
        return values;
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
