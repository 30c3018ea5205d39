package io.kvstore.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.actor.KeyReply;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CallTest {
    private static final KeyReply DONE = new KeyReply.Done(Key.of(1), 7, 3);

    private final Call call = new Call(7, Key.of(1), "pull", failure -> {});

    @Test
    void endsOnce() {
        assertThat(call.end(DONE)).isTrue();

        assertThat(call.end(DONE)).isFalse();
        assertThat(call.fail(new KVStoreException(Reason.CLOSED, "too late"))).isFalse();
        assertThat(call.reply().join()).isSameAs(DONE);
    }

    @Test
    void whatFollowsItsEndRunsInTheOrderInWhichItWasGiven() {
        List<String> done = new ArrayList<>();
        call.whenEnded(() -> done.add("first"));
        call.whenEnded(() -> done.add("second"));
        assertThat(done).isEmpty();

        call.end(DONE);
        call.whenEnded(() -> done.add("after the end"));

        assertThat(done).containsExactly("first", "second", "after the end");
    }

    @Test
    void aCallWithoutReplyHasEndedToo() {
        AtomicInteger ended = new AtomicInteger();
        call.whenEnded(ended::incrementAndGet);

        call.fail(new KVStoreException(Reason.CLOSED, "the store was closed"));

        assertThat(ended).hasValue(1);
    }

    @Test
    void whatIsGivenWhileItEndsRunsOnce() throws InterruptedException {
        for (int round = 0; round < 2000; round++) {
            Call racing = new Call(round, Key.of(1), "pull", failure -> {});
            AtomicInteger ran = new AtomicInteger();
            CountDownLatch start = new CountDownLatch(1);
            CompletableFuture<Void> ending = CompletableFuture.runAsync(() -> {
                start.countDown();
                racing.end(DONE);
            });
            assertThat(start.await(10, TimeUnit.SECONDS)).isTrue();
            racing.whenEnded(ran::incrementAndGet);
            racing.whenEnded(ran::incrementAndGet);
            ending.orTimeout(10, TimeUnit.SECONDS).join();
            assertThat(ran).as("round %d", round).hasValue(2);
        }
    }

    @Test
    void allWaitsForEachAndFailsIfOneHasNoReply() {
        Call other = new Call(8, Key.of(2), "pull", failure -> {});
        CompletableFuture<Void> all = Pulling.all(List.of(call, other));
        KVStoreException failure = new KVStoreException(Reason.CLOSED, "the store was closed");

        call.fail(failure);
        assertThat(all).isNotDone();
        other.end(DONE);

        assertThat(all).isCompletedExceptionally();
        assertThat(all.handle((done, why) -> why).join()).isSameAs(failure);
    }
}
