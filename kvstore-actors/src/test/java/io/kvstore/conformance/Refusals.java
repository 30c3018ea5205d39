package io.kvstore.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Calls that a store must refuse. */
final class Refusals {
    private Refusals() {}

    /** The refusal of {@code call}, which must be for {@code reason}. */
    static KVStoreException refused(Reason reason, ThrowingCallable call) {
        KVStoreException refusal = catchThrowableOfType(KVStoreException.class, call);
        assertThat(refusal).as("the call is refused").isNotNull();
        assertThat(refusal.reason()).as(refusal.getMessage()).isEqualTo(reason);
        return refusal;
    }

    /** As {@link #refused(Reason, ThrowingCallable)}; the refusal names {@code key}. */
    static void refused(Reason reason, Key key, ThrowingCallable call) {
        KVStoreException refusal = refused(reason, call);
        assertThat(refusal.key()).contains(key);
        assertThat(refusal).hasMessageContaining("key " + key);
    }
}
