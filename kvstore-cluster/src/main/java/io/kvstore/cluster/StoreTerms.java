package io.kvstore.cluster;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigValueFactory;
import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.cluster.ClusterSettings.Order;
import io.kvstore.cluster.ClusterSettings.WorkerLoss;
import io.kvstore.optimizer.Optimizer;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the workers of a store agree on: the content of its configuration. Equal terms have equal texts.
 *
 * @param sync whether pushes make rounds
 * @param order in which the pushes of a round are added
 * @param loss what becomes of the round that a dead worker left open
 * @param optimizer that applies pushes, as {@link Optimizer#toJson} writes it; empty for assignment. A text, because a rule may
 *     be known to the servers only
 */
public record StoreTerms(boolean sync, Order order, WorkerLoss loss, Optional<String> optimizer) {

    /** The terms of a new store of that type. */
    public static StoreTerms of(String type, ClusterSettings settings) {
        return new StoreTerms(
                !type.contains("async"),
                settings.rounds().order(),
                settings.rounds().onWorkerLoss(),
                Optional.empty());
    }

    /** Reads what {@link #toText} wrote. @throws KVStoreException of anything else */
    public static StoreTerms parse(String text) {
        try {
            Config fields = ConfigFactory.parseString(
                    text, ConfigParseOptions.defaults().setSyntax(ConfigSyntax.JSON));
            return new StoreTerms(
                    fields.getBoolean("sync"),
                    fields.getEnum(Order.class, "order"),
                    fields.getEnum(WorkerLoss.class, "loss"),
                    fields.hasPath("optimizer") ? Optional.of(fields.getString("optimizer")) : Optional.empty());
        } catch (ConfigException e) {
            throw new KVStoreException(
                    Reason.INVALID_CONFIGURATION,
                    null,
                    "the configuration of a store is JSON with the fields sync, order, loss and perhaps optimizer, given "
                            + text + ": " + e.getMessage(),
                    e);
        }
    }

    /** One line of JSON, its fields in one order. */
    public String toText() {
        Map<String, Object> fields = new TreeMap<>();
        fields.put("sync", sync);
        fields.put("order", order.name());
        fields.put("loss", loss.name());
        optimizer.ifPresent(json -> fields.put("optimizer", json));
        return ConfigValueFactory.fromMap(fields).render(ConfigRenderOptions.concise());
    }

    /** The same with another optimizer. */
    public StoreTerms with(Optimizer next) {
        return new StoreTerms(sync, order, loss, Optional.of(next.toJson()));
    }

    /** The same with assignment instead of an optimizer. */
    public StoreTerms withoutOptimizer() {
        return new StoreTerms(sync, order, loss, Optional.empty());
    }

    /** The optimizer, if there is one. @throws KVStoreException if its rule is not on this node's class path */
    public Optional<Optimizer> readOptimizer() {
        return optimizer.map(Optimizer::fromJson);
    }

    /** Whether keys that follow {@code other} take pushes in the same way. */
    public boolean pushesLike(StoreTerms other) {
        return sync == other.sync && order == other.order && loss == other.loss;
    }
}
