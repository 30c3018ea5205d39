package io.kvstore.cluster.coordinator;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a server tells a new coordinator, in parts that come in any order and more than once. */
final class Promise {
    private final Map<Integer, ViewReply.Promised> parts = new TreeMap<>();

    void add(ViewReply.Promised part) {
        parts.values().removeIf(old -> old.parts() != part.parts());
        parts.put(part.part(), part);
    }

    boolean complete() {
        return !parts.isEmpty()
                && parts.size() == parts.values().iterator().next().parts();
    }

    List<StoreRecord> records() {
        List<StoreRecord> records = new ArrayList<>();
        parts.values().forEach(part -> records.addAll(part.records()));
        return records;
    }

    List<String> gone() {
        List<String> gone = new ArrayList<>();
        parts.values().forEach(part -> gone.addAll(part.gone()));
        return gone;
    }
}
