package io.kvstore.session;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.KeyInfo;
import io.kvstore.Reason;
import io.kvstore.RowSparse;
import io.kvstore.actor.Fit;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.Origin;
import io.kvstore.actor.StoreThread;
import io.kvstore.compression.Residuals;
import io.kvstore.session.Arguments.Item;
import io.kvstore.tensor.BorrowedTensor;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.DeviceTensor;
import io.kvstore.tensor.Merge;
import io.kvstore.tensor.NdView;
import io.kvstore.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One push of one or several keys on its way into the store: checked as a whole, then captured and sent.
 *
 * <p>Captured means that the store no longer needs the caller's arrays. A small push is summed by the calling thread into
 * a buffer of the store, which counts against the budget until it is applied. A large one is lent: the keys sum the
 * arrays in place, in parallel, and the caller waits until they have. Row-sparse values are immutable and need no capture:
 * if all of a key's are, they are sent as they are, and count like what is captured. With gradient compression the
 * calling thread packs each array, whatever its size, or waits for the GPU that does; row-sparse ones are refused then.
 */
final class Pushing {
    private final Session session;
    private final Budget budget;
    private final Residuals residuals;
    private final String operation;
    private final boolean pull;
    private final int priority;
    private final List<Gradients> gradients;
    private final List<BorrowedTensor> lent = new ArrayList<>();
    private final List<DeviceTensor> lentOnGpus = new ArrayList<>();
    private final Map<Key, BorrowedTensor> lentWhole = new HashMap<>();
    private Function<Key, Inflow> inflows = key -> null;
    private Predicate<Key> pulled = key -> true;
    private final List<Call> calls = new ArrayList<>();
    private final Runnable released = this::released;
    private final AtomicInteger unread = new AtomicInteger(1);
    private Consumer<KVStoreException> unseen = failure -> {};
    private final CompletableFuture<Void> captured = new CompletableFuture<>();

    /** What is pushed to one key. */
    private record Gradients(KeyInfo info, List<Tensor> arrays) {}

    /** Checks everything, changes nothing. @throws KVStoreException if anything is wrong */
    Pushing(
            Session session,
            Budget budget,
            Residuals residuals,
            String operation,
            boolean pull,
            int priority,
            Map<Key, List<Item>> values) {
        this.session = session;
        this.budget = budget;
        this.residuals = residuals;
        this.operation = operation;
        this.pull = pull;
        this.priority = priority;
        this.gradients = new ArrayList<>(values.size());
        values.forEach((key, items) -> {
            KeyInfo info = existing(key);
            gradients.add(new Gradients(info, check(info, items)));
        });
    }

    private KeyInfo existing(Key key) {
        return session.info(key)
                .orElseThrow(() -> new KVStoreException(
                        Reason.NOT_INITIALIZED, key, operation + " of a key that was not initialised; init it first"));
    }

    private List<Tensor> check(KeyInfo info, List<Item> items) {
        Key key = info.key();
        List<Tensor> arrays = new ArrayList<>(items.size());
        for (Item item : items) {
            arrays.add(tensor(key, item));
        }
        KVStoreException problem = Fit.problem(operation, info, arrays);
        if (problem == null && packs()) {
            problem = residuals.problem(operation, info, arrays);
        }
        if (problem != null) {
            throw problem.of(key);
        }
        return arrays;
    }

    private boolean packs() {
        return !residuals.compression().isNone();
    }

    private Tensor tensor(Key key, Item item) {
        if (item.array() instanceof RowSparse rows) {
            return rows.tensor();
        }
        if (item.array() instanceof DeviceTensor array) {
            return onGpu(key, item, array);
        }
        if (!(item.array() instanceof INDArray array)) {
            throw Arguments.notAnArray(operation, key, item);
        }
        try {
            return new BorrowedTensor(array, released);
        } catch (KVStoreException e) {
            throw Arguments.at(operation, key, item, e);
        }
    }

    private DeviceTensor onGpu(Key key, Item item, DeviceTensor array) {
        KVStoreException problem = packs() && StoreThread.isCurrent()
                ? new KVStoreException(
                        Reason.WOULD_DEADLOCK,
                        "gradient compression of an array on a GPU waits until that has packed it, which one of the"
                                + " store's own threads must not; push from another thread")
                : session.problem(array);
        if (problem != null) {
            throw Arguments.at(operation, key, item, problem);
        }
        return array.lent(released);
    }

    /** Keys for which this is false are pushed to only, though others are pulled as well. */
    void pulling(Predicate<Key> wanted) {
        pulled = wanted;
    }

    /**
     * Lends a session that copies arrays those that it can read in place, each the whole push of its key.
     *
     * @param atLeastBytes smaller ones are copied
     */
    void lendWhole(long atLeastBytes) {
        if (!session.lends() && !packs()) {
            gradients.forEach(each -> {
                if (each.arrays.size() == 1
                        && each.arrays.get(0) instanceof BorrowedTensor array
                        && array.bytes() >= atLeastBytes
                        && array.view().isContiguous()) {
                    lentWhole.put(each.info.key(), array);
                }
            });
        }
    }

    /** The arrays that are read after {@link #sendLent}, by keys. */
    Map<Key, List<NdView>> lent() {
        Map<Key, List<NdView>> views = new HashMap<>();
        if (session.lends() && !packs()) {
            gradients.forEach(each -> views.put(each.info.key(), views(each.arrays)));
        } else {
            lentWhole.forEach((key, array) -> views.put(key, List.of(array.view())));
        }
        return views;
    }

    private static List<NdView> views(List<Tensor> arrays) {
        List<NdView> views = new ArrayList<>(arrays.size());
        for (Tensor array : arrays) {
            if (array instanceof BorrowedTensor borrowed) {
                views.add(borrowed.view());
            }
        }
        return views;
    }

    /** @param early where the values of keys may go as they come in, or null */
    void answerInto(Function<Key, Inflow> early) {
        inflows = early;
    }

    /**
     * Sends all, lending the arrays, or packed; the returned calls are open. {@link #captured} tells when the arrays are
     * the caller's again. What is packed holds less than the arrays that the caller may not use meanwhile, so it needs
     * no room.
     */
    List<Call> sendLent() {
        together(() -> gradients.forEach(each -> {
            if (packs()) {
                sendPacked(each.info, each.arrays);
            } else if (session.lends()) {
                lend(each.info.key(), each.arrays);
            } else {
                send(each.info.key(), lentWhole.containsKey(each.info.key()) ? each.arrays : held(each.arrays));
            }
        }));
        released();
        return calls;
    }

    /**
     * Sends all: what is small, or everything on a store's own thread, captured here; the rest lent.
     *
     * @param told is told failures before anybody who waits for a reply
     */
    List<Call> sendCapturing(Patience patience, long inlineBytes, Consumer<KVStoreException> told) {
        unseen = told;
        boolean mayWait = !StoreThread.isCurrent();
        if (!mayWait) {
            prepay();
        }
        together(() -> gradients.forEach(each -> {
            if (!packs() && isOnGpus(each.arrays)
                    || mayWait
                            && session.lends()
                            && !packs()
                            && !Merge.isRowSparse(each.arrays)
                            && totalBytes(each.arrays) > inlineBytes) {
                lend(each.info.key(), each.arrays);
            } else {
                capture(each.info, each.arrays, patience, mayWait);
            }
        }));
        released();
        return calls;
    }

    /** What GPUs pack leaves key by key: this thread waits for them, and what they need must not wait for this thread. */
    private void together(Runnable sends) {
        if (packs() && gradients.stream().anyMatch(each -> isOnGpus(each.arrays))) {
            sends.run();
        } else {
            session.together(sends);
        }
    }

    /** Whether an array is one that only the key's device can read. */
    private static boolean isOnGpus(List<Tensor> arrays) {
        for (Tensor array : arrays) {
            if (array instanceof DeviceTensor) {
                return true;
            }
        }
        return false;
    }

    /** Takes the room for all keys at once, since this thread must not wait for it. */
    private void prepay() {
        for (Gradients each : gradients) {
            if (isOnGpus(each.arrays)) {
                throw new KVStoreException(
                        Reason.WOULD_DEADLOCK,
                        each.info.key(),
                        operation + " of an array on a GPU waits until that has read it, which one of the store's own"
                                + " threads must not; push from another thread, or hand the array over");
            }
        }
        int cost = gradients.stream()
                .mapToInt(each -> cost(each.info, each.arrays))
                .sum();
        if (!budget.tryTake(cost)) {
            throw new KVStoreException(
                    Reason.WOULD_DEADLOCK,
                    operation + " would have to wait for room on one of the store's own threads (in flight: "
                            + budget.heldBytes() + " bytes, limit kvstore.in-flight-bytes); push from another thread");
        }
    }

    private void capture(KeyInfo info, List<Tensor> arrays, Patience patience, boolean mayWait) {
        int cost = cost(info, arrays);
        if (mayWait) {
            waitForRoom(cost, patience);
        }
        Call call;
        try {
            call = packs() ? sendPacked(info, arrays) : send(info.key(), held(arrays));
        } catch (RuntimeException | Error e) {
            budget.giveBack(cost);
            throw e;
        }
        call.whenEnded(() -> budget.giveBack(cost));
    }

    /** Of what is captured. */
    private int cost(KeyInfo info, List<Tensor> arrays) {
        if (!session.counts(info.key())) {
            return 0;
        }
        if (packs()) {
            return budget.cost(residuals.payloadBytes(info) * arrays.size());
        }
        return budget.cost(Merge.isRowSparse(arrays) ? totalBytes(arrays) : info.bytes());
    }

    private Call sendPacked(KeyInfo info, List<Tensor> arrays) {
        if (session.lends() || arrays.size() == 1) {
            return packed(info, arrays);
        }
        DenseTensor sum = (DenseTensor) Merge.sum(arrays, session.pool(), session.sumGroup());
        try {
            return packed(info, List.of(sum));
        } finally {
            sum.release();
        }
    }

    private Call packed(KeyInfo info, List<? extends Tensor> arrays) {
        int sliceElements = session.layout(info).sliceElements();
        return residuals.send(info, sliceElements, arrays, packed -> send(info.key(), packed));
    }

    /** What the session keeps: row-sparse values as they are where it may, everything else as one sum. */
    private List<Tensor> held(List<Tensor> arrays) {
        return Merge.isRowSparse(arrays) && (session.lends() || arrays.size() == 1)
                ? arrays
                : List.of(Merge.sum(arrays, session.pool(), session.sumGroup()));
    }

    private void waitForRoom(int cost, Patience patience) {
        if (budget.tryTake(cost)) {
            return;
        }
        session.depart(); // or the room might never come
        try {
            if (!budget.take(cost, patience.limit().toNanos())) {
                throw patience.timeout("room for a push; in flight are " + budget.heldBytes() + " bytes");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Patience.interrupted("room for a push");
        }
    }

    private void lend(Key key, List<Tensor> arrays) {
        Inflow inflow = inflows.apply(key);
        for (Tensor array : arrays) {
            if (array instanceof BorrowedTensor borrowed) {
                unread.incrementAndGet();
                lent.add(borrowed);
                borrowed.answerInto(inflow);
            } else if (array instanceof DeviceTensor onGpu) {
                unread.incrementAndGet();
                lentOnGpus.add(onGpu);
            }
        }
        Call call = send(key, arrays);
        if (totalBytes(arrays) > session.settings().inlineCaptureBytes()) {
            session.depart(); // a key by itself, for whichever thread is free
        }
        call.reply().whenComplete((reply, failure) -> {
            if (failure != null) {
                captured.completeExceptionally(failure);
            }
        });
    }

    private Call send(Key key, List<Tensor> tensors) {
        Call call = session.send(
                key,
                operation,
                priority,
                unseen,
                inflows.apply(key),
                (id, replyTo) -> pull && pulled.test(key)
                        ? new KeyCommand.PushPull(tensors, Origin.none(), id, replyTo)
                        : new KeyCommand.Push(tensors, Origin.none(), id, replyTo));
        calls.add(call);
        return call;
    }

    private void released() {
        if (unread.decrementAndGet() == 0) {
            captured.complete(null);
        }
    }

    /** Completes when no lent array is read any more, or fails if that will never be told. */
    CompletableFuture<Void> captured() {
        return captured;
    }

    /**
     * Takes all lent arrays back; when this returns nobody reads them, and nobody will. A session goes on with copies, since a
     * push that was sent must be carried through.
     */
    void revoke() {
        lent.forEach(BorrowedTensor::revoke);
        lentOnGpus.forEach(DeviceTensor::revoke);
        lentWhole.values().forEach(array -> array.capture(session.pool()));
    }

    private static long totalBytes(List<Tensor> arrays) {
        long bytes = 0;
        for (Tensor array : arrays) {
            bytes += array.bytes();
        }
        return bytes;
    }
}
