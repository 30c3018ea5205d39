package io.kvstore.session;

import io.kvstore.AsyncKVStore;
import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.RowSparse;
import io.kvstore.actor.StoreThread;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The operations over a {@link Session} as stages, which complete on the store's callback dispatcher. */
final class SessionAsyncKVStore implements AsyncKVStore {
    private final Session session;
    private final Requests requests;
    private final OpenStages open;
    private final boolean handedOver;

    SessionAsyncKVStore(Session session, Requests requests, OpenStages open, boolean handedOver) {
        this.session = session;
        this.requests = requests;
        this.open = open;
        this.handedOver = handedOver;
    }

    @Override
    public AsyncKVStore handingOver() {
        return new SessionAsyncKVStore(session, requests, open, true);
    }

    @Override
    public CompletionStage<Void> init(List<?> keys, List<?> values) {
        requests.open("init");
        if (StoreThread.isCurrent()) {
            throw Requests.wouldDeadlock("init");
        }
        Initialising init = requests.init("init", keys, values);
        return stage(init.sendCopies(), () -> {
            init.finish();
            return null;
        });
    }

    @Override
    public CompletionStage<Void> push(List<?> keys, List<?> values, int priority) {
        requests.open("push");
        Pushing pushing = requests.push("push", keys, values, false, priority);
        List<Call> calls = handedOver ? pushing.sendLent() : captured(pushing);
        return stage(calls, pushing::revoke, () -> {
            throwRefusal(calls);
            return null;
        });
    }

    private List<Call> captured(Pushing pushing) {
        List<Call> calls =
                pushing.sendCapturing(requests.patience(), session.settings().inlineCaptureBytes(), failure -> {});
        if (!pushing.captured().isDone()) {
            try {
                requests.patience().await(pushing.captured(), () -> "the capture of a push");
            } catch (KVStoreException e) {
                pushing.revoke();
                throw e;
            }
        }
        return calls;
    }

    @Override
    public CompletionStage<Void> pull(List<?> keys, List<?> outs, int priority, boolean ignoreSparse) {
        requests.open("pull");
        Pulling pulling = requests.pull("pull", keys, outs, ignoreSparse);
        List<Call> calls = pulling.send(priority);
        return stage(calls, pulling::giveUp, () -> {
            pulling.write(calls);
            return null;
        });
    }

    @Override
    public CompletionStage<List<INDArray>> pull(List<?> keys) {
        requests.open("pull");
        List<Key> parsed = requests.keys("pull", keys);
        Pulling pulling = requests.pullNew("pull", parsed);
        List<Call> calls = pulling.send(0);
        return stage(calls, () -> SessionKVStore.inOrder(parsed, pulling.arrays(calls)));
    }

    /** Not the default form, whose dependent stage would wrap a failure. */
    @Override
    public CompletionStage<INDArray> pull(Key key) {
        requests.open("pull");
        requests.notNull("pull", "the key", key);
        Pulling pulling = requests.pullNew("pull", requests.keys("pull", List.of(key)));
        List<Call> calls = pulling.send(0);
        return stage(calls, () -> pulling.arrays(calls).get(key));
    }

    @Override
    public CompletionStage<List<RowSparse>> rowSparsePull(List<?> keys, List<?> rowIds, int priority) {
        requests.open("rowSparsePull");
        PullingRows pulling = requests.pullRows("rowSparsePull", keys, rowIds);
        List<Call> calls = pulling.send(priority);
        return stage(calls, () -> pulling.rows(calls));
    }

    @Override
    public CompletionStage<Void> pushPull(List<?> keys, List<?> values, List<?> outs, int priority) {
        requests.open("pushPull");
        Pulling pulling = requests.pullOfPush("pushPull", keys, outs == null ? values : outs);
        Pushing pushing = requests.push("pushPull", keys, values, true, priority);
        pushing.pulling(pulling::wantsValue);
        List<Call> calls = handedOver ? pushing.sendLent() : captured(pushing);
        pulling.sendToGpus(calls);
        Runnable giveUp = () -> {
            pushing.revoke();
            pulling.giveUp();
        };
        return stage(calls, giveUp, () -> {
            pulling.write(calls);
            return null;
        });
    }

    @Override
    public CompletionStage<Void> delete(Key key) {
        requests.open("delete");
        List<Call> calls = List.of(requests.delete(key));
        return stage(calls, () -> {
            throwRefusal(calls);
            requests.forget(key);
            return null;
        });
    }

    @Override
    public CompletionStage<Void> flush() {
        requests.open("flush");
        List<Call> calls = session.openCalls();
        return stage(Call.settled(calls), calls, () -> {}, () -> {
            requests.deferred().throwFirst();
            return null;
        });
    }

    private static void throwRefusal(List<Call> calls) {
        for (Call call : calls) {
            KVStoreException failure = Call.failureOf(call.reply().join());
            if (failure != null) {
                throw failure;
            }
        }
    }

    private <T> CompletionStage<T> stage(List<Call> calls, Supplier<T> finish) {
        return stage(calls, () -> {}, finish);
    }

    /** When all replies have come, or one never will: {@code finish} or {@code giveUp}, and then the stage. */
    private <T> CompletionStage<T> stage(List<Call> calls, Runnable giveUp, Supplier<T> finish) {
        Runnable abandon = () -> {
            giveUp.run();
            calls.forEach(Call::abandon);
        };
        return stage(Pulling.all(calls), calls, abandon, finish);
    }

    /** On a callback thread, and not later than patience allows. */
    private <T> CompletionStage<T> stage(
            CompletableFuture<Void> replies, List<Call> calls, Runnable giveUp, Supplier<T> finish) {
        CompletableFuture<T> stage = new CompletableFuture<>();
        open.bounded(replies, calls)
                .whenComplete((all, failure) -> session.callbacks().execute(() -> {
                    try {
                        if (failure != null) {
                            giveUp.run();
                            throw failure;
                        }
                        stage.complete(finish.get());
                    } catch (Throwable e) {
                        stage.completeExceptionally(known(e));
                    }
                }));
        return stage;
    }

    private static KVStoreException known(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof KVStoreException known
                ? known
                : new KVStoreException(Reason.INTERNAL, null, "the request failed: " + cause, cause);
    }
}
