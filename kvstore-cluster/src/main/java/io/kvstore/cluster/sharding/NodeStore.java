package io.kvstore.cluster.sharding;

import io.kvstore.KVStoreException;
import io.kvstore.KVStoreSettings;
import io.kvstore.Updater;
import io.kvstore.actor.KeyConfig;
import io.kvstore.actor.Member;
import io.kvstore.actor.PartPost;
import io.kvstore.actor.PartStore;
import io.kvstore.actor.RoundTerms;
import io.kvstore.cluster.ClusterSettings.Order;
import io.kvstore.cluster.ClusterSettings.WorkerLoss;
import io.kvstore.cluster.StoreTerms;
import io.kvstore.cluster.coordinator.Configuration;
import io.kvstore.cluster.coordinator.Membership;
import io.kvstore.optimizer.Optimizer;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One store on one server node, as the coordinator describes it: it can have keys once its first configuration, which says
 * how workers push, has come. Changed on one thread at a time; read by any.
 */
public final class NodeStore {
    private static final Logger log = LoggerFactory.getLogger(NodeStore.class);

    private final String name;
    private final KVStoreSettings settings;
    private final long heldBytes;
    private final PartPost post;
    private final Duration patience;
    private volatile Membership membership;
    private volatile StoreTerms terms;
    private volatile PartStore parts;

    /**
     * @param post the road between its parts, on whatever node
     * @param patience how long a part waits for others without a sign that they will come
     */
    NodeStore(String name, KVStoreSettings settings, long heldBytes, PartPost post, Duration patience) {
        this.name = name;
        this.settings = settings;
        this.heldBytes = heldBytes;
        this.post = post;
        this.patience = patience;
    }

    /** Its keys on this node; empty before its first configuration has come. */
    public Optional<PartStore> parts() {
        return Optional.ofNullable(parts);
    }

    public Optional<StoreTerms> terms() {
        return Optional.ofNullable(terms);
    }

    public Optional<Membership> membership() {
        return Optional.ofNullable(membership);
    }

    void membership(Membership next) {
        membership = next;
        if (parts != null) {
            parts.membership(membershipOfKeys());
        }
    }

    private io.kvstore.actor.Membership membershipOfKeys() {
        Set<Long> left = membership.members().stream()
                .filter(member -> member.state() == io.kvstore.cluster.coordinator.Member.State.LEFT)
                .map(io.kvstore.cluster.coordinator.Member::incarnation)
                .collect(Collectors.toSet());
        return new io.kvstore.actor.Membership(
                membership.epoch(),
                membership.lastIncarnation(),
                membership.live().stream()
                        .map(member -> new Member(member.name(), member.incarnation(), member.rank()))
                        .toList(),
                left);
    }

    void configure(Configuration configuration) {
        StoreTerms next;
        try {
            next = StoreTerms.parse(configuration.content());
        } catch (KVStoreException e) {
            log.error("store {}: configuration {} is unusable", name, configuration.version(), e);
            return;
        }
        if (parts == null) {
            parts = new PartStore(
                    next.sync() ? "dist_sync" : "dist_async",
                    settings,
                    new RoundTerms(
                            next.sync(), next.order() == Order.WORKER, next.loss() == WorkerLoss.FAIL, heldBytes),
                    System::currentTimeMillis,
                    post,
                    patience);
            if (membership != null) {
                parts.membership(membershipOfKeys());
            }
        }
        terms = next;
        parts.configure(keyConfig(configuration.version(), next));
    }

    /** A rule that is not on this server's class path makes pushes fail with that reason, not the server. */
    private KeyConfig keyConfig(long version, StoreTerms next) {
        try {
            Optional<Optimizer> optimizer = next.readOptimizer();
            return new KeyConfig(version, optimizer.orElse(null), null);
        } catch (KVStoreException e) {
            log.error("store {}: the optimizer of configuration {} is unusable", name, version, e);
            Updater refusing = (key, received, stored) -> {
                throw e;
            };
            return new KeyConfig(version, null, refusing);
        }
    }
}
