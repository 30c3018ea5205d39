package io.kvstore.session;

import akka.actor.typed.ActorRef;
import io.kvstore.AsyncKVStore;
import io.kvstore.KVStore;
import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.KeyInfo;
import io.kvstore.Profiler;
import io.kvstore.Reason;
import io.kvstore.RowSparse;
import io.kvstore.Stats;
import io.kvstore.Updater;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.StoreThread;
import io.kvstore.compression.GradientCompression;
import io.kvstore.optimizer.Optimizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The blocking store over a {@link Session}: checks a call as a whole, sends it, and waits where MXNet waits. */
public final class SessionKVStore implements KVStore {
    private final Session session;
    private final Requests requests;
    private final Patience patience;
    private final Deferred deferred;
    private final AsyncKVStore async;
    private final AtomicBoolean closed = new AtomicBoolean();

    public SessionKVStore(Session session) {
        this.session = session;
        this.patience = new Patience(session.settings());
        this.deferred = new Deferred();
        this.requests = new Requests(session, patience, deferred, closed::get);
        this.async = new SessionAsyncKVStore(
                session, requests, new OpenStages(patience, session.callbacks(), this::explain), false);
    }

    @Override
    public void init(List<?> keys, List<?> values) {
        requests.blocking("init");
        Initialising init = requests.init("init", keys, values);
        await(init.sendLent(), init::revoke);
        init.finish();
    }

    @Override
    public void broadcast(List<?> keys, List<?> values, List<?> outs, int priority) {
        requests.blocking("broadcast");
        Initialising init = requests.init("broadcast", keys, values);
        Pulling pulling = requests.pullOfNew("broadcast", keys, outs, init.shapes());
        await(init.sendLent(), init::revoke);
        init.finish();
        List<Call> calls = pulling.send(priority);
        await(calls, pulling::giveUp);
        pulling.write(calls);
    }

    @Override
    public void push(List<?> keys, List<?> values, int priority) {
        requests.blocking("push");
        Pushing pushing = requests.push("push", keys, values, false, priority);
        List<Call> calls = pushing.sendCapturing(patience, session.settings().inlineCaptureBytes(), deferred::add);
        waitOr(pushing.captured(), calls, pushing::revoke);
    }

    @Override
    public void pull(List<?> keys, List<?> outs, int priority, boolean ignoreSparse) {
        requests.blocking("pull");
        Pulling pulling = requests.pull("pull", keys, outs, ignoreSparse);
        if (!session.lends()) { // else a value comes as a whole
            pulling.fillEarly(session.settings().inlineCaptureBytes(), Map::of);
        }
        List<Call> calls = pulling.send(priority);
        await(calls, pulling::giveUp);
        pulling.write(calls);
    }

    @Override
    public List<INDArray> pull(List<?> keys) {
        requests.blocking("pull");
        List<Key> parsed = requests.keys("pull", keys);
        Pulling pulling = requests.pullNew("pull", parsed);
        List<Call> calls = pulling.send(0);
        await(calls, () -> {});
        return inOrder(parsed, pulling.arrays(calls));
    }

    @Override
    public List<RowSparse> rowSparsePull(List<?> keys, List<?> rowIds, int priority) {
        requests.blocking("rowSparsePull");
        PullingRows pulling = requests.pullRows("rowSparsePull", keys, rowIds);
        List<Call> calls = pulling.send(priority);
        await(calls, () -> {});
        return pulling.rows(calls);
    }

    /** A key given twice gets two arrays, each the caller's own. */
    static List<INDArray> inOrder(List<Key> keys, Map<Key, INDArray> arrays) {
        List<INDArray> result = new ArrayList<>(keys.size());
        Set<Key> given = new java.util.HashSet<>();
        for (Key key : keys) {
            INDArray array = arrays.get(key);
            result.add(given.add(key) ? array : array.dup());
        }
        return result;
    }

    @Override
    public void pushPull(List<?> keys, List<?> values, List<?> outs, int priority) {
        requests.blocking("pushPull");
        Pulling pulling = requests.pullOfPush("pushPull", keys, outs == null ? values : outs);
        Pushing pushing = requests.push("pushPull", keys, values, true, priority);
        long large = session.settings().inlineCaptureBytes();
        pushing.lendWhole(large);
        pulling.fillEarly(large, pushing::lent);
        pushing.answerInto(pulling::inflow);
        pushing.pulling(pulling::wantsValue);
        List<Call> calls = pushing.sendLent();
        pulling.sendToGpus(calls);
        await(calls, () -> {
            pushing.revoke();
            pulling.giveUp();
        });
        pulling.write(calls);
    }

    /** Waits until every call has its reply; {@code giveUp} takes back what was lent if that fails. */
    private void await(List<Call> calls, Runnable giveUp) {
        waitOr(Pulling.all(calls), calls, giveUp);
    }

    private void waitOr(CompletableFuture<Void> future, List<Call> calls, Runnable giveUp) {
        session.workUntil(future::isDone);
        if (future.isDone() && !future.isCompletedExceptionally()) {
            return;
        }
        try {
            patience.await(future, () -> explain(calls));
        } catch (KVStoreException e) {
            giveUp.run();
            calls.forEach(Call::abandon);
            throw e;
        }
    }

    private String explain(List<Call> calls) {
        return String.join(
                "\n",
                session.explain(calls.stream()
                        .filter(call -> !call.reply().isDone())
                        .limit(20)
                        .toList()));
    }

    @Override
    public String type() {
        return session.type();
    }

    @Override
    public int rank() {
        return session.rank();
    }

    @Override
    public int numWorkers() {
        return session.numWorkers();
    }

    @Override
    public void barrier() {
        requests.blocking("barrier");
        session.barrier();
    }

    @Override
    public void flush() {
        requests.blocking("flush");
        List<Call> calls = session.openCalls();
        patience.await(Call.settled(calls), () -> explain(calls));
        deferred.throwFirst();
    }

    @Override
    public void setUpdater(Updater updater) {
        requests.blocking("setUpdater");
        session.setRule(null, updater);
    }

    @Override
    public void setOptimizer(Optimizer optimizer) {
        requests.blocking("setOptimizer");
        requests.notNull("setOptimizer", "the optimizer", optimizer);
        session.setRule(optimizer, null);
    }

    @Override
    public Optional<Optimizer> optimizer() {
        requests.open("optimizer");
        return Optional.ofNullable(session.config().optimizer());
    }

    @Override
    public void adjustOptimizer(UnaryOperator<Optimizer.Builder> change) {
        requests.blocking("adjustOptimizer");
        requests.notNull("adjustOptimizer", "the change", change);
        session.adjustOptimizer(change);
    }

    /** MXNet's rule: only stores that sum on devices or over machines. */
    @Override
    public void setGradientCompression(GradientCompression compression) {
        requests.open("setGradientCompression");
        requests.notNull("setGradientCompression", "the compression", compression);
        if (!type().contains("device") && !type().contains("dist")) {
            throw new KVStoreException(
                    Reason.UNSUPPORTED,
                    "a store of type '" + type() + "' has no gradient compression; types whose name contains"
                            + " 'device' or 'dist' have");
        }
        requests.compress(compression);
    }

    @Override
    public void saveOptimizerStates(Path file, boolean dumpOptimizer) {
        requests.blocking("saveOptimizerStates");
        SavingStates saving = requests.save("saveOptimizerStates", file);
        List<Call> calls = saving.send();
        await(calls, () -> {});
        saving.write(calls, dumpOptimizer);
    }

    @Override
    public void loadOptimizerStates(Path file) {
        requests.blocking("loadOptimizerStates");
        LoadingStates loading = requests.load("loadOptimizerStates", file);
        List<Call> calls = loading.send();
        await(calls, () -> {});
        loading.finish(calls);
    }

    @Override
    public boolean isCapable(String capability) {
        if ("optimizer".equals(capability)) {
            return true;
        }
        throw new KVStoreException(
                Reason.INVALID_ARGUMENT, "unknown capability '" + capability + "'; known is 'optimizer'");
    }

    @Override
    public void sendCommandToServers(int head, String body) {
        requests.blocking("sendCommandToServers");
        requests.notNull("sendCommandToServers", "the body", body);
        session.command(head, body);
    }

    @Override
    public Profiler profiler() {
        requests.open("profiler");
        return session.profiler();
    }

    @Override
    public int numDeadNodes(int group) {
        requests.blocking("numDeadNodes");
        if (group < 1 || group > 7) {
            throw new KVStoreException(
                    Reason.INVALID_ARGUMENT,
                    "numDeadNodes expects a group of 1 (scheduler), 2 (servers), 4 (workers) or their sum, given "
                            + group);
        }
        return session.numDeadNodes(group);
    }

    @Override
    public void setBarrierBeforeExit(boolean wait) {
        requests.open("setBarrierBeforeExit");
        session.barrierBeforeExit(wait);
    }

    @Override
    public void delete(Key key) {
        requests.blocking("delete");
        Call call = requests.delete(key);
        await(List.of(call), () -> {});
        KVStoreException failure = Call.failureOf(call.reply().join());
        if (failure != null) {
            throw failure;
        }
        requests.forget(key);
    }

    @Override
    public List<Key> keys() {
        requests.open("keys");
        return session.allKeys();
    }

    @Override
    public Optional<KeyInfo> info(Key key) {
        requests.open("info");
        requests.notNull("info", "the key", key);
        return session.describe(key);
    }

    @Override
    public Stats stats() {
        return session.stats(requests.inFlightBytes());
    }

    @Override
    public String explain() {
        return String.join("\n", session.explain(session.openCalls()));
    }

    @Override
    public ActorRef<KeyCommand> ref(Key key) {
        requests.blocking("ref");
        requests.notNull("ref", "the key", key);
        return session.ref(key);
    }

    @Override
    public AsyncKVStore async() {
        return async;
    }

    @Override
    public void close() {
        if (closed.get()) {
            return;
        }
        if (StoreThread.isCurrent()) {
            throw Requests.wouldDeadlock("close");
        }
        if (closed.compareAndSet(false, true)) {
            settle();
            requests.compress(GradientCompression.none());
            session.end();
            deferred.throwFirst();
        }
    }

    private void settle() {
        try {
            Call.settled(session.openCalls())
                    .get(session.settings().closeTimeout().toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (java.util.concurrent.ExecutionException | TimeoutException e) {
            // what is still open is failed by the session's end, and told to those who wait for it
        }
    }
}
