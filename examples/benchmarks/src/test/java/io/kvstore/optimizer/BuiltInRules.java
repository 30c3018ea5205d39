package io.kvstore.optimizer;

import java.util.List;

/** The store's own optimizers, for tests that must leave none out. */
public final class BuiltInRules {
    private BuiltInRules() {}

    /** In alphabetical order. */
    public static List<String> names() {
        return List.copyOf(Rules.all(List.of()).keySet());
    }
}
