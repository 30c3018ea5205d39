package io.kvstore.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.Key;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The table of open calls. */
class LocalCallsTest {
    private final LocalCalls calls = new LocalCalls();

    private static Call call(long id) {
        return new Call(id, Key.of(1), "pull", failure -> {});
    }

    @Test
    void aCallIsFoundUntilItIsRemovedAndRemovedOnce() {
        Call call = call(7);
        calls.add(call);
        assertThat(calls.find(7)).isSameAs(call);
        assertThat(calls.remove(7)).isSameAs(call);
        assertThat(calls.remove(7)).isNull();
        assertThat(calls.find(7)).isNull();
    }

    @Test
    void manyMoreOpenCallsThanUsualAreAllKeptAndListedOldestFirst() {
        List<Call> added = new ArrayList<>();
        for (long id = 1; id <= 100_000; id++) {
            Call call = call(id);
            calls.add(call);
            added.add(call);
        }
        assertThat(calls.all()).isEqualTo(added);
        for (Call call : added) {
            assertThat(calls.find(call.id())).isSameAs(call);
            assertThat(calls.remove(call.id())).isSameAs(call);
        }
        assertThat(calls.all()).isEmpty();
    }

    @Test
    void aNumberThatWasNeverGivenIsNobodys() {
        calls.add(call(1));
        assertThat(calls.find(1 + (1 << 14))).isNull();
        assertThat(calls.remove(1 + (1 << 14))).isNull();
        assertThat(calls.all()).hasSize(1);
    }
}
