package io.kvstore.examples.benchmarks.mxnet;

import static io.kvstore.examples.benchmarks.mxnet.MxLibrary.api;
import static io.kvstore.examples.benchmarks.mxnet.MxLibrary.check;

import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * MXNet's own KVStore.
 *
 * <p>Keys are all {@code Integer} or all {@code String}. Many-key forms take, for each key, the list of its per-device
 * arrays. MXNet works in the background; reading an array waits for it.
 */
public final class MxKVStore implements AutoCloseable {
    private static final int PRIORITY = 0;

    private Pointer handle;
    private final MxApi.IntUpdater intUpdater = this::update;
    private final MxApi.StringUpdater stringUpdater = this::update;
    private MxUpdater updater;
    private MxSgd sgd; // MXNet calls it: it must not be collected
    private Throwable updaterFailure;

    private MxKVStore(Pointer handle) {
        this.handle = handle;
    }

    /**
     * A store of one process, {@code local}, {@code device}, .., or of many, {@code dist_sync}, {@code dist_async}, ..: then
     * the process's {@code DMLC_...} variables say what it is, and only one may be made in it.
     */
    public static MxKVStore create(String type) {
        PointerByReference out = new PointerByReference();
        check(api().MXKVStoreCreate(type, out));
        return new MxKVStore(out.getValue());
    }

    public String type() {
        PointerByReference type = new PointerByReference();
        check(api().MXKVStoreGetType(handle, type));
        return type.getValue().getString(0);
    }

    public void init(Object key, MxArray value) {
        Pairs pairs = Pairs.of(List.of(key), List.of(List.of(value)));
        check(
                pairs.named()
                        ? api().MXKVStoreInitEx(handle, pairs.count(), pairs.names(), pairs.arrays())
                        : api().MXKVStoreInit(handle, pairs.count(), pairs.numbers(), pairs.arrays()));
    }

    /** Initialises a key and pulls it into one array per device. */
    public void broadcast(Object key, MxArray value, List<MxArray> outs) {
        Pairs in = Pairs.of(List.of(key), List.of(List.of(value)));
        Pairs out = Pairs.of(List.of(key), List.of(outs));
        check(
                in.named()
                        ? api().MXKVStoreBroadcastEx(
                                        handle,
                                        in.count(),
                                        in.names(),
                                        out.count(),
                                        out.names(),
                                        in.arrays(),
                                        out.arrays(),
                                        PRIORITY)
                        : api().MXKVStoreBroadcast(
                                        handle,
                                        in.count(),
                                        in.numbers(),
                                        out.count(),
                                        out.numbers(),
                                        in.arrays(),
                                        out.arrays(),
                                        PRIORITY));
    }

    /** Pushes one array per device to one key. */
    public void push(Object key, List<MxArray> devices) {
        push(List.of(key), List.of(devices));
    }

    /** Pushes to many keys in one call; throws what the updater threw. */
    public void push(List<?> keys, List<List<MxArray>> values) {
        Pairs pairs = Pairs.of(keys, values);
        check(
                pairs.named()
                        ? api().MXKVStorePushEx(handle, pairs.count(), pairs.names(), pairs.arrays(), PRIORITY)
                        : api().MXKVStorePush(handle, pairs.count(), pairs.numbers(), pairs.arrays(), PRIORITY));
        rethrow();
    }

    /** Pulls one key into one array per device. */
    public void pull(Object key, List<MxArray> outs) {
        pull(List.of(key), List.of(outs));
    }

    /** Pulls many keys in one call; row-sparse outs are filled too. */
    public void pull(List<?> keys, List<List<MxArray>> outs) {
        Pairs pairs = Pairs.of(keys, outs);
        byte no = 0;
        check(
                pairs.named()
                        ? api().MXKVStorePullWithSparseEx(
                                        handle, pairs.count(), pairs.names(), pairs.arrays(), PRIORITY, no)
                        : api().MXKVStorePullWithSparse(
                                        handle, pairs.count(), pairs.numbers(), pairs.arrays(), PRIORITY, no));
    }

    /** Pulls the given rows of a row-sparse key into a row-sparse array. */
    public void pullRows(Object key, MxArray out, MxArray rowIds) {
        Pairs pairs = Pairs.of(List.of(key), List.of(List.of(out)));
        Pointer[] ids = {rowIds.handle()};
        check(
                pairs.named()
                        ? api().MXKVStorePullRowSparseEx(
                                        handle, pairs.count(), pairs.names(), pairs.arrays(), ids, PRIORITY)
                        : api().MXKVStorePullRowSparse(
                                        handle, pairs.count(), pairs.numbers(), pairs.arrays(), ids, PRIORITY));
    }

    /** Pushes and pulls many keys in one call; throws what the updater threw. */
    public void pushPull(List<?> keys, List<List<MxArray>> values, List<List<MxArray>> outs) {
        Pairs in = Pairs.of(keys, values);
        Pairs out = Pairs.of(keys, outs);
        check(
                in.named()
                        ? api().MXKVStorePushPullEx(
                                        handle,
                                        in.count(),
                                        in.names(),
                                        out.count(),
                                        out.names(),
                                        in.arrays(),
                                        out.arrays(),
                                        PRIORITY)
                        : api().MXKVStorePushPull(
                                        handle,
                                        in.count(),
                                        in.numbers(),
                                        out.count(),
                                        out.numbers(),
                                        in.arrays(),
                                        out.arrays(),
                                        PRIORITY));
        rethrow();
    }

    /** Sets the rule that each push applies; what it throws comes out of that push, after MXNet has finished. */
    public void setUpdater(MxUpdater rule) {
        updater = rule;
        check(api().MXKVStoreSetUpdaterEx(handle, intUpdater, stringUpdater, null));
    }

    /** Sets plain gradient descent by MXNet's own operator as the rule that each push applies, for {@code Integer} keys. */
    public void setSgd(double learningRate) {
        sgd = new MxSgd(learningRate);
        check(api().MXKVStoreSetUpdaterEx(handle, sgd, stringUpdater, null));
    }

    /** Pushes a prepared batch. Unlike the other forms, it does not ask whether an updater failed. */
    public void push(MxBatch values) {
        check(MxCalls.MXKVStorePush(address(), values.count(), values.keys(), values.arrays(), PRIORITY));
    }

    /** Pulls a prepared batch of dense arrays. */
    public void pull(MxBatch outs) {
        check(MxCalls.MXKVStorePullWithSparse(address(), outs.count(), outs.keys(), outs.arrays(), PRIORITY, (byte) 1));
    }

    /** Pushes one prepared batch and pulls another. */
    public void pushPull(MxBatch values, MxBatch outs) {
        check(MxCalls.MXKVStorePushPull(
                address(),
                values.count(),
                values.keys(),
                outs.count(),
                outs.keys(),
                values.arrays(),
                outs.arrays(),
                PRIORITY));
    }

    private long address() {
        return Pointer.nativeValue(handle);
    }

    /** This worker's number, from 0. */
    public int rank() {
        IntByReference rank = new IntByReference();
        check(api().MXKVStoreGetRank(handle, rank));
        return rank.getValue();
    }

    /** Returns when all workers have called it. */
    public void barrier() {
        check(api().MXKVStoreBarrier(handle));
    }

    /** Calls the controller of every server, and returns when all have run it. */
    public void sendCommandToServers(int head, String body) {
        check(api().MXKVStoreSendCommmandToServers(handle, head, body));
    }

    /**
     * Serves until the workers end: in a process whose {@code DMLC_ROLE} is {@code server} or {@code scheduler}.
     *
     * @param controller what {@link #sendCommandToServers} calls, on this thread
     */
    public void runServer(BiConsumer<Integer, String> controller) {
        MxApi.Controller callback = (head, body, context) -> controller.accept(head, body);
        check(api().MXKVStoreRunServer(handle, callback, null));
        Reference.reachabilityFence(callback);
    }

    /** Turns compression of pushed arrays on, such as {@code type=2bit, threshold=0.5}; it cannot be turned off. */
    public void setGradientCompression(Map<String, ?> settings) {
        String[] names = settings.keySet().toArray(String[]::new);
        String[] values = new String[names.length];
        for (int i = 0; i < names.length; i++) {
            values[i] = MxOps.text(settings.get(names[i]));
        }
        check(api().MXKVStoreSetGradientCompression(handle, names.length, names, values));
    }

    private void update(Object key, Pointer received, Pointer stored, Pointer context) {
        try (MxArray in = new MxArray(received);
                MxArray value = new MxArray(stored)) {
            updater.update(key, in, value);
        } catch (RuntimeException | Error e) {
            // An exception must not unwind through MXNet's frames.
            updaterFailure = e;
        }
    }

    private void rethrow() {
        Throwable failure = updaterFailure;
        updaterFailure = null;
        if (failure != null) {
            throw new MxException("the updater failed: " + failure.getMessage(), failure);
        }
    }

    /** Frees the store; a second call does nothing. */
    @Override
    public void close() {
        if (handle != null) {
            check(api().MXKVStoreFree(handle));
            handle = null;
        }
    }

    /** Keys and arrays side by side, a key repeated for each of its devices: the form MXNet wants. */
    private record Pairs(boolean named, List<Object> keys, Pointer[] arrays) {
        static Pairs of(List<?> keys, List<List<MxArray>> arrays) {
            if (keys.size() != arrays.size()) {
                throw new IllegalArgumentException(
                        "wrong number of values: expected=" + keys.size() + ", given=" + arrays.size());
            }
            List<Object> repeated = new ArrayList<>();
            List<MxArray> flat = new ArrayList<>();
            for (int i = 0; i < keys.size(); i++) {
                for (MxArray array : arrays.get(i)) {
                    repeated.add(keys.get(i));
                    flat.add(array);
                }
            }
            return new Pairs(keys.get(0) instanceof String, repeated, MxArray.handles(flat));
        }

        int count() {
            return arrays.length;
        }

        String[] names() {
            return keys.stream().map(String.class::cast).toArray(String[]::new);
        }

        int[] numbers() {
            return keys.stream().mapToInt(Integer.class::cast).toArray();
        }
    }
}
