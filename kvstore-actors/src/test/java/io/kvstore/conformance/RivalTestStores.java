package io.kvstore.conformance;

import io.kvstore.KVStore;
import io.kvstore.KVStoreBuilder;
import io.kvstore.KVStoreProvider;
import java.util.Set;

/** Offers the same type as {@link TestStores}; registered nowhere. */
public final class RivalTestStores implements KVStoreProvider {
    private final KVStore store;

    /** For the service loader. */
    public RivalTestStores() {
        this(new TestStore());
    }

    RivalTestStores(KVStore store) {
        this.store = store;
    }

    @Override
    public Set<String> types() {
        return Set.of("teststore");
    }

    @Override
    public KVStore create(String type, KVStoreBuilder builder) {
        return store;
    }
}
