package io.kvstore.optimizer;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;

/** The rules that can be named: the built-in ones and those that {@link ServiceLoader} finds. */
final class Rules {
    private static final List<OptimizerRule> BUILT_IN = List.of(
            new AdaDelta(),
            new AdaGrad(),
            new Adam(),
            new AdamW(),
            new Adamax(),
            new DcAsgd(),
            new Ftml(),
            new Ftrl(),
            new Lamb(),
            new Lars(),
            new Nadam(),
            new Nag(),
            new RmsProp(),
            new Sgd(),
            new Sgld(),
            new Signum(),
            new TestRule());

    private Rules() {}

    static boolean isBuiltIn(OptimizerRule rule) {
        return BUILT_IN.contains(rule);
    }

    /** The rule of that name, in any case. @throws KVStoreException if there is none, or several */
    static OptimizerRule named(String name) {
        Map<String, OptimizerRule> all = all(ServiceLoader.load(OptimizerRule.class));
        OptimizerRule rule = all.get(name.toLowerCase(Locale.ROOT));
        if (rule == null) {
            throw new KVStoreException(
                    Reason.INVALID_ARGUMENT,
                    "no optimizer is named '" + name + "'; known are " + all.keySet()
                            + ", and any OptimizerRule registered through ServiceLoader");
        }
        return rule;
    }

    /** The built-in rules and {@code found}, by name. */
    static Map<String, OptimizerRule> all(Iterable<OptimizerRule> found) {
        Map<String, OptimizerRule> all = new TreeMap<>();
        BUILT_IN.forEach(rule -> add(all, rule));
        found.forEach(rule -> add(all, rule));
        return all;
    }

    private static void add(Map<String, OptimizerRule> all, OptimizerRule rule) {
        OptimizerRule other = all.put(rule.name().toLowerCase(Locale.ROOT), rule);
        if (other != null) {
            throw new KVStoreException(
                    Reason.INVALID_CONFIGURATION,
                    "two optimizer rules are named '" + rule.name() + "': "
                            + other.getClass().getName() + " and "
                            + rule.getClass().getName() + "; remove or rename one");
        }
    }

    static KVStoreException refused(OptimizerRule rule, IllegalArgumentException why) {
        return new KVStoreException(
                Reason.INVALID_ARGUMENT, null, "optimizer '" + rule.name() + "': " + why.getMessage(), why);
    }
}
