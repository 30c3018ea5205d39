package io.kvstore.optimizer;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;

/** The rules that can be named: the built-in ones and those that {@link ServiceLoader} finds. */
final class Rules {
    private Rules() {}

    /** The rule of that name, in any case. @throws KVStoreException if there is none, or several */
    static OptimizerRule named(String name) {
        Map<String, OptimizerRule> all = all();
        OptimizerRule rule = all.get(name.toLowerCase(java.util.Locale.ROOT));
        if (rule == null) {
            throw new KVStoreException(
                    Reason.INVALID_ARGUMENT,
                    "no optimizer is named '" + name + "'; known are " + all.keySet()
                            + ", and any OptimizerRule registered through ServiceLoader");
        }
        return rule;
    }

    private static Map<String, OptimizerRule> all() {
        Map<String, OptimizerRule> all = new TreeMap<>();
        for (OptimizerRule rule : new OptimizerRule[] {new Sgd(), new Adam()}) {
            add(all, rule);
        }
        ServiceLoader.load(OptimizerRule.class).forEach(rule -> add(all, rule));
        return all;
    }

    private static void add(Map<String, OptimizerRule> all, OptimizerRule rule) {
        OptimizerRule other = all.put(rule.name(), rule);
        if (other != null) {
            throw new KVStoreException(
                    Reason.INVALID_CONFIGURATION,
                    "two optimizer rules are named '" + rule.name() + "': "
                            + other.getClass().getName() + " and "
                            + rule.getClass().getName());
        }
    }
}
