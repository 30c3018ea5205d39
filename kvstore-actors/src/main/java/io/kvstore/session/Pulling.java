package io.kvstore.session;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.KeyInfo;
import io.kvstore.Reason;
import io.kvstore.RowSparse;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyReply;
import io.kvstore.session.Arguments.Item;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.DeviceTensor;
import io.kvstore.tensor.NdView;
import io.kvstore.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Pulled values on their way into the caller's outputs: outputs checked as a whole, values asked for, then written. */
final class Pulling {
    private final Session session;
    private final String operation;
    private final Deferred deferred; // null where the pull is part of a push, which has had its say
    private final Map<Key, List<NdView>> outs = new LinkedHashMap<>();
    private final Map<Key, List<DeviceTensor>> onGpus = new LinkedHashMap<>();
    private final Map<Key, Inflow> inflows = new HashMap<>();

    private Pulling(Session session, String operation, Deferred deferred) {
        this.session = session;
        this.operation = operation;
        this.deferred = deferred;
    }

    /** A pull into new arrays. @throws KVStoreException if a key does not exist */
    static Pulling ofNew(Session session, String operation, Deferred deferred, List<Key> keys) {
        Pulling pulling = new Pulling(session, operation, deferred);
        for (Key key : keys) {
            pulling.info(key);
            pulling.outs.put(key, List.of());
        }
        return pulling;
    }

    /**
     * A pull into outputs.
     *
     * @param ignoreSparse whether row-sparse outputs are passed over
     * @throws KVStoreException if a key does not exist or an output does not fit
     */
    static Pulling into(
            Session session, String operation, Deferred deferred, Map<Key, List<Item>> items, boolean ignoreSparse) {
        Pulling pulling = new Pulling(session, operation, deferred);
        items.forEach((key, arrays) -> {
            KeyInfo info = pulling.info(key);
            pulling.add(key, info.shape(), info.dtype(), arrays, ignoreSparse);
        });
        return pulling;
    }

    /** Outputs for keys that are about to be created with these shapes. */
    static Pulling into(Session session, String operation, Map<Key, List<Item>> items, Map<Key, Shape> shapes) {
        Pulling pulling = new Pulling(session, operation, null);
        items.forEach((key, arrays) -> pulling.add(key, shapes.get(key), null, arrays, true));
        return pulling;
    }

    /**
     * A key all of whose outputs are passed over is not asked for.
     *
     * @param dtype the key's, if it exists already; else null
     */
    private void add(Key key, Shape shape, DType dtype, List<Item> arrays, boolean ignoreSparse) {
        List<NdView> views = new ArrayList<>(arrays.size());
        for (Item item : arrays) {
            if (item.array() instanceof DeviceTensor array) {
                check(key, shape, dtype, item, array);
                onGpus.computeIfAbsent(key, k -> new ArrayList<>()).add(array.lent(() -> {}));
            } else if (!(item.array() instanceof RowSparse)) {
                views.add(check(key, shape, item));
            } else if (!ignoreSparse) {
                throw new KVStoreException(
                        Reason.STORAGE_MISMATCH,
                        key,
                        operation + ": " + item.where() + " is a RowSparse, which is immutable and cannot be filled;"
                                + " rowSparsePull gives new ones");
            }
        }
        if (!views.isEmpty()) {
            outs.put(key, views);
        }
    }

    private void check(Key key, Shape shape, DType dtype, Item item, DeviceTensor array) {
        KVStoreException problem = session.problem(array);
        if (problem == null && !array.shape().equals(shape)) {
            problem = new KVStoreException(
                    Reason.SHAPE_MISMATCH, "expects an output of shape " + shape + ", given " + array.shape());
        }
        if (problem == null && dtype != null && array.dtype() != dtype) {
            problem = new KVStoreException(
                    Reason.DTYPE_MISMATCH,
                    "expects an output on a GPU of type " + dtype + ", given " + array.dtype()
                            + "; only into arrays of the host values are cast");
        }
        if (problem != null) {
            throw Arguments.at(operation, key, item, problem);
        }
    }

    /** Whether the key's value is wanted here, and not only in arrays on GPUs. */
    boolean wantsValue(Key key) {
        return outs.containsKey(key) || !onGpus.containsKey(key);
    }

    private KeyInfo info(Key key) {
        return session.info(key)
                .orElseThrow(() -> new KVStoreException(
                        Reason.NOT_INITIALIZED, key, operation + " of a key that was not initialised; init it first"));
    }

    private NdView check(Key key, Shape shape, Item item) {
        if (!(item.array() instanceof INDArray array)) {
            throw Arguments.notAnArray(operation, key, item);
        }
        NdView view;
        try {
            view = NdView.writing(array);
        } catch (KVStoreException e) {
            throw Arguments.at(operation, key, item, e);
        }
        if (!view.shape().equals(shape)) {
            throw new KVStoreException(
                    Reason.SHAPE_MISMATCH,
                    key,
                    operation + " expects an output of shape " + shape + ", given " + view.shape() + " in "
                            + item.where());
        }
        return view;
    }

    /**
     * Lets outputs be filled as their values come in: large ones, if no two of them, or of the arrays that are lent for
     * reading meanwhile, share memory. For a caller who waits.
     *
     * @param lending tells what is lent, by keys; an output may be the very array that is lent for its key, of which no piece
     *     is read any more when the same piece of the value comes
     */
    void fillEarly(long atLeastBytes, Supplier<Map<Key, List<NdView>>> lending) {
        Map<Key, Inflow> early = new HashMap<>();
        outs.forEach((key, own) -> {
            if (bytes(own.get(0)) >= atLeastBytes) {
                early.put(key, new Inflow(own));
            }
        });
        if (!early.isEmpty() && areApart(early.keySet(), lending.get())) {
            inflows.putAll(early);
        }
    }

    private boolean areApart(Set<Key> early, Map<Key, List<NdView>> lent) {
        List<NdView> views = new ArrayList<>();
        lent.values().forEach(views::addAll);
        for (Key key : early) {
            List<NdView> in = lent.getOrDefault(key, List.of());
            outs.get(key).stream()
                    .filter(out -> in.stream().noneMatch(out::isOfSameArray))
                    .forEach(views::add);
        }
        return NdView.areApart(views);
    }

    private static long bytes(NdView view) {
        return view.shape().length() * view.dtype().bytes();
    }

    /** Where the key's value may go as it comes in, or null. */
    Inflow inflow(Key key) {
        return inflows.get(key);
    }

    /** When this returns nobody begins to write into the outputs: the caller has stopped waiting. */
    void giveUp() {
        inflows.values().forEach(Inflow::close);
        onGpus.values().forEach(arrays -> arrays.forEach(DeviceTensor::revoke));
    }

    List<Call> send(int priority) {
        List<Call> calls = new ArrayList<>(outs.size());
        session.together(() -> {
            for (Key key : outs.keySet()) {
                calls.add(
                        session.send(key, operation, priority, failure -> {}, inflows.get(key), KeyCommand.Pull::new));
            }
            sendToGpus(calls);
        });
        return calls;
    }

    /** Has the outputs on GPUs filled; adds the calls. */
    void sendToGpus(List<Call> calls) {
        onGpus.forEach((key, arrays) ->
                calls.add(session.send(key, operation, (id, replyTo) -> new KeyCommand.PullInto(arrays, id, replyTo))));
    }

    /**
     * All replies have come: fills every output that was not filled as its value came in.
     *
     * @throws KVStoreException the first refusal; then it fills none
     */
    void write(List<Call> calls) {
        Filling filling = new Filling(outs.size());
        forValues(calls, value -> filling.add(value.value(), unfilled(value.key())), () -> filling.run(session::help));
    }

    private List<NdView> unfilled(Key key) {
        Inflow inflow = inflows.get(key);
        return inflow != null && inflow.isFull() ? List.of() : outs.getOrDefault(key, List.of());
    }

    /** All replies have come: their values as new arrays by key. @throws KVStoreException the first refusal */
    Map<Key, INDArray> arrays(List<Call> calls) {
        Map<Key, INDArray> arrays = new LinkedHashMap<>();
        forValues(calls, value -> arrays.put(value.key(), value.value().toINDArray()), () -> {});
        return arrays;
    }

    private interface Take {
        void take(KeyReply.Value value);
    }

    /** Takes every value, and does {@code then} while they are held. */
    private void forValues(List<Call> calls, Take take, Runnable then) {
        List<DenseTensor> leases = new ArrayList<>(calls.size());
        try {
            KVStoreException failure = null;
            List<KeyReply.Value> values = new ArrayList<>(calls.size());
            for (Call call : calls) {
                KeyReply reply = call.reply().join();
                if (reply instanceof KeyReply.Value value) {
                    leases.add(value.value());
                    values.add(value);
                } else if (failure == null) {
                    failure = Call.failureOf(reply);
                }
            }
            if (deferred != null) {
                deferred.throwOf(keys()); // a push before this pull may have failed while it waited
            }
            if (failure != null) {
                throw failure;
            }
            values.forEach(take::take);
            then.run();
        } finally {
            leases.forEach(DenseTensor::release);
        }
    }

    private Set<Key> keys() {
        if (onGpus.isEmpty()) {
            return outs.keySet();
        }
        Set<Key> keys = new LinkedHashSet<>(outs.keySet());
        keys.addAll(onGpus.keySet());
        return keys;
    }

    /** Completes when every call has its reply; fails if one will never come. */
    static CompletableFuture<Void> all(List<Call> calls) {
        CompletableFuture<Void> all = new CompletableFuture<>();
        AtomicInteger open = new AtomicInteger(calls.size() + 1);
        Runnable ended = () -> {
            if (open.decrementAndGet() == 0) {
                complete(all, calls);
            }
        };
        for (Call call : calls) {
            call.whenEnded(ended);
        }
        ended.run();
        return all;
    }

    private static void complete(CompletableFuture<Void> all, List<Call> ended) {
        for (Call call : ended) {
            if (call.reply().isCompletedExceptionally()) {
                call.reply().whenComplete((reply, failure) -> all.completeExceptionally(failure));
                return;
            }
        }
        all.complete(null);
    }
}
