package io.kvstore.cluster.session;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.actor.KeyConfig;
import io.kvstore.cluster.StoreTerms;
import io.kvstore.cluster.coordinator.Configuration;
import io.kvstore.optimizer.Optimizer;
import java.util.function.UnaryOperator;

/**
 * What the workers of a store have agreed on, as far as this one knows, and how it changes that. Any thread may use it.
 */
final class Agreement {
    private final String store;
    private final CoordinatorCalls coordinator;
    private final SerialCore core;
    private volatile Configuration latest = Configuration.NONE;

    /** @param store its name, for messages */
    Agreement(String store, CoordinatorCalls coordinator, SerialCore core) {
        this.store = store;
        this.coordinator = coordinator;
        this.core = core;
    }

    /** Every server has this configuration, or a later one. */
    void is(Configuration next) {
        if (next.version() >= latest.version()) {
            latest = next;
            core.execute(logic -> logic.config(next.version()));
        }
    }

    /** Joins in what others have agreed on, or proposes {@code wanted} as the first. @throws KVStoreException if they differ */
    void join(Configuration given, StoreTerms wanted) {
        if (given.version() == 0) {
            is(coordinator.configure("create", wanted.toText()));
        } else {
            requireSame(wanted, StoreTerms.parse(given.content()));
            is(given);
        }
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
                now.version(), StoreTerms.parse(now.content()).readOptimizer().orElse(null), null);
    }

    /** Makes this the optimizer, which keeps its state if it is so already; none if null. */
    void setOptimizer(Optimizer optimizer) {
        if (optimizer == null) {
            change("setUpdater", StoreTerms::withoutOptimizer);
        } else {
            change("setOptimizer", terms -> isSame(terms, optimizer) ? terms : terms.with(optimizer));
        }
    }

    private static boolean isSame(StoreTerms terms, Optimizer optimizer) {
        return terms.optimizer().filter(optimizer.toJson()::equals).isPresent();
    }

    /** Changes settings of the optimizer that leave its state as it is. @throws KVStoreException of any other change */
    void adjustOptimizer(UnaryOperator<Optimizer.Builder> change) {
        change("adjustOptimizer", terms -> terms.with(adjusted(terms, change)));
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

    /** Changes what is agreed, on top of the latest: again, if another worker was faster. */
    private void change(String operation, UnaryOperator<StoreTerms> change) {
        while (true) {
            Configuration before = latest;
            String next = change.apply(StoreTerms.parse(before.content())).toText();
            if (next.equals(before.content())) {
                return;
            }
            try {
                is(coordinator.configure(operation, next, before.version()));
                return;
            } catch (KVStoreException e) {
                if (e.reason() != Reason.OUT_OF_ORDER) {
                    throw e;
                }
            }
        }
    }
}
