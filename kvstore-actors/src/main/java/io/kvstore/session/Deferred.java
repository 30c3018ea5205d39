package io.kvstore.session;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Failures of pushes whose calls had already returned. Each is thrown exactly once: by the next call on its key, which
 * then does nothing else, or by a flush.
 */
final class Deferred {
    private final Queue<KVStoreException> failures = new ConcurrentLinkedQueue<>();

    /** Remembers the failure of a push that nobody waits for. */
    void add(KVStoreException failure) {
        failures.add(failure);
    }

    /** Throws the first failure of one of {@code keys}, if there is any. */
    void throwOf(Collection<Key> keys) {
        if (failures.isEmpty()) {
            return;
        }
        for (KVStoreException failure : failures) {
            if (failure.key().filter(keys::contains).isPresent() && failures.remove(failure)) {
                throw failure;
            }
        }
    }

    /** Throws the first failure, if there is any, with the others attached as suppressed. */
    void throwFirst() {
        List<KVStoreException> all = new ArrayList<>();
        for (KVStoreException next = failures.poll(); next != null; next = failures.poll()) {
            all.add(next);
        }
        if (!all.isEmpty()) {
            all.stream().skip(1).forEach(all.get(0)::addSuppressed);
            throw all.get(0);
        }
    }
}
