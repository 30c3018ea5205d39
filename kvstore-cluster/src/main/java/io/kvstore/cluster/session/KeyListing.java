package io.kvstore.cluster.session;

import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.cluster.coordinator.CommandKind;
import io.kvstore.cluster.coordinator.CommandOutcome;
import io.kvstore.cluster.sharding.KeyPage;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** Asks all servers which keys there are. */
final class KeyListing {
    private KeyListing() {}

    /** Sorted. Each server answers page by page; the next page begins where the first of them has ended. */
    static List<Key> of(CoordinatorCalls servers) {
        SortedSet<Key> keys = new TreeSet<>();
        Key from = null;
        do {
            String body = from == null ? "" : KeyPage.entry(from);
            from = null;
            for (CommandOutcome outcome : servers.run("keys", Reason.INTERNAL, CommandKind.KEYS, 0, body)) {
                KeyPage page = KeyPage.parse(outcome.result());
                keys.addAll(page.keys());
                Key last = page.more() ? page.keys().get(page.keys().size() - 1) : null;
                if (last != null && (from == null || last.compareTo(from) < 0)) {
                    from = last;
                }
            }
        } while (from != null);
        return List.copyOf(keys);
    }
}
