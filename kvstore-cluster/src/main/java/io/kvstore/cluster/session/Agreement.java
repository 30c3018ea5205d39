package io.kvstore.cluster.session;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.actor.KeyConfig;
import io.kvstore.cluster.StoreTerms;
import io.kvstore.cluster.coordinator.Configuration;
import io.kvstore.optimizer.Optimizer;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * What the workers of a store have agreed on, as far as this one knows, and how it changes that. Any thread may use it.
 */
final class Agreement {
    private final String store;
    private final Proposal proposal;
    private final SerialCore core;
    private volatile Configuration latest = Configuration.NONE;

    /** How a configuration is brought to all servers. */
    @FunctionalInterface
    interface Proposal {
        /**
         * Returns when every server has it.
         *
         * @param expectedVersion of the configuration that it replaces
         * @throws KVStoreException with {@link Reason#OUT_OF_ORDER} if another is in force, of which this worker hears
         */
        Configuration set(String operation, String content, long expectedVersion);
    }

    /** @param store its name, for messages */
    Agreement(String store, Proposal proposal, SerialCore core) {
        this.store = store;
        this.proposal = proposal;
        this.core = core;
    }

    /** Every server has this configuration, or a later one. */
    void is(Configuration next) {
        if (next.version() >= latest.version()) {
            latest = next;
            core.execute(logic -> logic.config(next.version()));
        }
    }

    /**
     * Joins in what others have agreed on, or proposes {@code wanted} as the first: never in place of another's, who may have
     * set the optimizer by now.
     *
     * @param given what was in force when this worker registered
     * @throws KVStoreException if it takes pushes in another way
     */
    void join(Configuration given, StoreTerms wanted) {
        is(given);
        change("create", now -> now.orElse(wanted));
        requireSame(wanted, agreed(latest).orElseThrow());
    }

    private static Optional<StoreTerms> agreed(Configuration configuration) {
        return configuration.version() == 0 ? Optional.empty() : Optional.of(StoreTerms.parse(configuration.content()));
    }

    private void requireSame(StoreTerms wanted, StoreTerms given) {
        if (!wanted.pushesLike(given)) {
            throw new KVStoreException(
                    Reason.INVALID_CONFIGURATION,
                    "store '" + store + "' was opened with sync=" + given.sync() + ", order=" + given.order()
                            + ", on-worker-loss=" + given.loss() + "; this worker asks for sync=" + wanted.sync()
                            + ", order=" + wanted.order() + ", on-worker-loss=" + wanted.loss()
                            + "; use one type and one setting, or another kvstore.store-name");
        }
    }

    /** How keys apply pushes now. */
    KeyConfig config() {
        Configuration now = latest;
        return new KeyConfig(
                now.version(), agreed(now).flatMap(StoreTerms::readOptimizer).orElse(null), null);
    }

    /** Makes this the optimizer, which keeps its state if it is so already; none if null. */
    void setOptimizer(Optimizer optimizer) {
        if (optimizer == null) {
            changeTerms("setUpdater", StoreTerms::withoutOptimizer);
        } else {
            changeTerms("setOptimizer", terms -> isSame(terms, optimizer) ? terms : terms.with(optimizer));
        }
    }

    private static boolean isSame(StoreTerms terms, Optimizer optimizer) {
        return terms.optimizer().filter(optimizer.toJson()::equals).isPresent();
    }

    /** Changes settings of the optimizer that leave its state as it is. @throws KVStoreException of any other change */
    void adjustOptimizer(UnaryOperator<Optimizer.Builder> change) {
        changeTerms("adjustOptimizer", terms -> terms.with(adjusted(terms, change)));
    }

    private static Optimizer adjusted(StoreTerms terms, UnaryOperator<Optimizer.Builder> change) {
        Optimizer now = terms.readOptimizer()
                .orElseThrow(() ->
                        new KVStoreException(Reason.INVALID_ARGUMENT, "no optimizer is set; call setOptimizer first"));
        Optimizer next = change.apply(now.toBuilder()).build();
        if (!now.sameStateAs(next)) {
            throw new KVStoreException(
                    Reason.INVALID_ARGUMENT,
                    "the change needs other state: " + now + " cannot become " + next
                            + " and keep its state; use setOptimizer to start afresh");
        }
        return next;
    }

    private void changeTerms(String operation, UnaryOperator<StoreTerms> change) {
        change(operation, now -> change.apply(now.orElseThrow()));
    }

    /** Changes what is agreed, on top of the latest: again, if another worker was faster. */
    private void change(String operation, Function<Optional<StoreTerms>, StoreTerms> change) {
        while (true) {
            Configuration before = latest;
            String next = change.apply(agreed(before)).toText();
            if (next.equals(before.content())) {
                return;
            }
            try {
                is(proposal.set(operation, next, before.version()));
                return;
            } catch (KVStoreException e) {
                if (e.reason() != Reason.OUT_OF_ORDER) {
                    throw e;
                }
            }
        }
    }
}
