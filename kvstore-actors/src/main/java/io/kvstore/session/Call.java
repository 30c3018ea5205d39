package io.kvstore.session;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.actor.KeyReply;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** One request to one key, from the sending to the reply. */
public final class Call {
    private static final Runnable ENDED = () -> {};

    private final long id;
    private final Key key;
    private final String what;
    private final long startNanos = System.nanoTime();
    private final Consumer<KVStoreException> unseen;
    private final Inflow inflow;
    private long bytes;
    private final CompletableFuture<KeyReply> reply = new CompletableFuture<>();
    private final AtomicReference<Runnable> afterwards = new AtomicReference<>();

    /** @param unseen is told a failure before anybody who waits is; for calls whose outcome their caller does not await */
    public Call(long id, Key key, String what, Consumer<KVStoreException> unseen) {
        this(id, key, what, unseen, null);
    }

    /** @param inflow takes the value in pieces; null if the reply has it as a whole */
    public Call(long id, Key key, String what, Consumer<KVStoreException> unseen, Inflow inflow) {
        this.inflow = inflow;
        this.id = id;
        this.key = key;
        this.what = what;
        this.unseen = unseen;
    }

    /** Tells a failure to those who keep it for later; comes before {@link #reply} completes. */
    public void tellUnseen(KVStoreException failure) {
        if (failure != null) {
            unseen.accept(failure);
        }
    }

    public long id() {
        return id;
    }

    public Key key() {
        return key;
    }

    /** The word for the request, such as {@code pull}. */
    public String what() {
        return what;
    }

    /** Seconds since the request was sent. */
    public double seconds() {
        return (System.nanoTime() - startNanos) / 1e9;
    }

    /** Before it is sent: the request carries so many bytes of arrays. */
    public void carries(long arrayBytes) {
        bytes = arrayBytes;
    }

    /** Bytes of arrays that the request carries. */
    public long bytes() {
        return bytes;
    }

    /** Where pieces of the value go as they come in, or null. */
    public Inflow inflow() {
        return inflow;
    }

    /** The call's outcome, refusals included; false if it has ended before, and the reply is nobody's. */
    public boolean end(KeyReply outcome) {
        return reply.complete(outcome) && runAfterwards();
    }

    /** There will be no reply; false if it has ended before. */
    public boolean fail(KVStoreException why) {
        return reply.completeExceptionally(why) && runAfterwards();
    }

    private boolean runAfterwards() {
        Runnable work = afterwards.getAndSet(ENDED);
        if (work != null) {
            work.run();
        }
        return true;
    }

    /**
     * Runs {@code work}, which must neither wait nor throw, when the call ends, or now if it has: as a dependent stage of
     * {@link #reply} would, for fewer objects, of which a call on many small keys would have many.
     */
    void whenEnded(Runnable work) {
        Runnable before = afterwards.get();
        Runnable all = before == null
                ? work
                : () -> {
                    before.run();
                    work.run();
                };
        if (before == ENDED) {
            work.run();
        } else if (!afterwards.compareAndSet(before, all)) {
            whenEnded(work);
        }
    }

    /** Completes with the key's reply, refusals included, or with a {@link KVStoreException} if none will come. */
    public CompletableFuture<KeyReply> reply() {
        return reply;
    }

    /** Gives back what may still come: the caller has stopped waiting. */
    void abandon() {
        reply.thenAccept(KeyReply::release);
    }

    /** Completes when every one of the calls, which may be others' to take the replies of, has ended in any way. */
    static CompletableFuture<Void> settled(List<Call> calls) {
        return CompletableFuture.allOf(calls.stream()
                .map(call -> call.reply.handle((reply, failure) -> null))
                .toArray(CompletableFuture<?>[]::new));
    }

    /** The refusal as an exception, or null if the request took effect. */
    public static KVStoreException failureOf(KeyReply reply) {
        return reply instanceof KeyReply.Refused refused
                ? new KVStoreException(refused.reason(), refused.key(), refused.message())
                : null;
    }
}
