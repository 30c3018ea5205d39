package io.kvstore.conformance;

import io.kvstore.KVStore;
import io.kvstore.KVStoreBuilder;
import io.kvstore.KVStoreProvider;
import java.util.Set;

/** Offers {@link TestStore}; registered in the test class path. */
public final class TestStores implements KVStoreProvider {
    @Override
    public Set<String> types() {
        return Set.of("teststore");
    }

    @Override
    public KVStore create(String type, KVStoreBuilder builder) {
        return new TestStore();
    }
}
