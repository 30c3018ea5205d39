package io.kvstore.session;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The calls of a session that are open, by id; any thread may use it. Ids follow each other and calls end soon, so nearly
 * every call has the slot of its id for itself; those that do not are kept in a map.
 */
final class LocalCalls {
    private static final int SLOTS = 1 << 14;

    private final AtomicReferenceArray<Call> slots = new AtomicReferenceArray<>(SLOTS);
    private final Map<Long, Call> others = new ConcurrentHashMap<>();

    void add(Call call) {
        if (!slots.compareAndSet(slot(call.id()), null, call)) {
            others.put(call.id(), call);
        }
    }

    /** The open call with that id, or null. */
    Call find(long id) {
        Call call = slots.get(slot(id));
        return call != null && call.id() == id ? call : others.get(id);
    }

    /** Ends the call: it is returned once, and null afterwards. */
    Call remove(long id) {
        Call call = slots.get(slot(id));
        if (call != null && call.id() == id) {
            return slots.compareAndSet(slot(id), call, null) ? call : null;
        }
        return others.remove(id);
    }

    /** All that are open, oldest first. */
    List<Call> all() {
        List<Call> all = new ArrayList<>(others.values());
        for (int i = 0; i < SLOTS; i++) {
            Call call = slots.get(i);
            if (call != null) {
                all.add(call);
            }
        }
        all.sort(Comparator.comparingLong(Call::id));
        return all;
    }

    private static int slot(long id) {
        return (int) id & SLOTS - 1;
    }
}
