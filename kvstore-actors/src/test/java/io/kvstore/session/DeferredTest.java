package io.kvstore.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.actor.KeyReply;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeferredTest {
    private static final Key A = Key.of("a");
    private static final Key B = Key.of("b");

    private final Deferred deferred = new Deferred();

    @Test
    void aFailureIsThrownOnceByTheNextCallOnItsKey() {
        refused(A, "first");
        deferred.throwOf(List.of(B));
        KVStoreException failure = catchThrowableOfType(KVStoreException.class, () -> deferred.throwOf(List.of(B, A)));
        assertThat(failure).hasMessage("key 'a': first");
        assertThat(failure.reason()).isEqualTo(Reason.UPDATER_FAILED);
        deferred.throwOf(List.of(A, B));
        deferred.throwFirst();
    }

    @Test
    void severalFailuresOfAKeyAreThrownInOrderOneByOne() {
        refused(A, "first");
        refused(A, "second");
        for (String message : List.of("first", "second")) {
            assertThat(catchThrowableOfType(KVStoreException.class, () -> deferred.throwOf(List.of(A))))
                    .hasMessage("key 'a': " + message);
        }
        deferred.throwOf(List.of(A));
    }

    @Test
    void aFlushThrowsTheFirstWithTheOthersAttached() {
        refused(A, "first");
        refused(B, "second");
        refused(A, "third");
        KVStoreException failure = catchThrowableOfType(KVStoreException.class, deferred::throwFirst);
        assertThat(failure).hasMessage("key 'a': first");
        assertThat(failure.getSuppressed())
                .extracting(Throwable::getMessage)
                .containsExactly("key 'b': second", "key 'a': third");
        deferred.throwFirst();
    }

    @Test
    void aCallTellsItsFailureAndNothingElse() {
        Call call = new Call(1, A, "push", deferred::add);
        call.tellUnseen(Call.failureOf(new KeyReply.Done(A, 1, 1)));
        deferred.throwFirst();
        call.tellUnseen(Call.failureOf(new KeyReply.Refused(A, 1, Reason.UPDATER_FAILED, "no")));
        assertThat(catchThrowableOfType(KVStoreException.class, () -> deferred.throwOf(List.of(A))))
                .hasMessage("key 'a': no");
    }

    private void refused(Key key, String message) {
        deferred.add(new KVStoreException(Reason.UPDATER_FAILED, key, message));
    }
}
