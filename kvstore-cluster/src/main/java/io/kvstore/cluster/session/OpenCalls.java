package io.kvstore.cluster.session;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Stats;
import io.kvstore.actor.KeyReply;
import io.kvstore.session.Call;
import io.kvstore.session.Inflow;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DenseTensor;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/** The calls of a session that have no outcome yet. Any thread may use it. */
final class OpenCalls {
    private final Map<Long, Call> calls = new ConcurrentHashMap<>();
    private final Map<Key, AtomicInteger> pushes = new ConcurrentHashMap<>();
    private final AtomicLong ids = new AtomicLong();
    private final LongAdder pushed = new LongAdder();
    private final LongAdder pulled = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder bytesPushed = new LongAdder();
    private final LongAdder bytesPulled = new LongAdder();

    Call open(Key key, String what, Consumer<KVStoreException> unseen) {
        return open(key, what, unseen, null);
    }

    /** @param inflow takes the value in pieces, or null */
    Call open(Key key, String what, Consumer<KVStoreException> unseen, Inflow inflow) {
        Call call = new Call(ids.incrementAndGet(), key, what, unseen, inflow);
        calls.put(call.id(), call);
        if (isPush(call)) {
            count(key).incrementAndGet();
        }
        return call;
    }

    private static boolean isPush(Call call) {
        return call.what().startsWith("push");
    }

    private AtomicInteger count(Key key) {
        return pushes.computeIfAbsent(key, k -> new AtomicInteger());
    }

    /** How many pushes of the key have no outcome. */
    int pushes(Key key) {
        return count(key).get();
    }

    /** Gives a call a piece of its value, the elements from {@code at} on; false if it wants the value as a whole. */
    boolean take(long id, int at, DenseTensor piece) {
        Call call = calls.get(id);
        if (call == null || call.inflow() == null) {
            return false;
        }
        call.inflow().take(at, piece);
        bytesPulled.add(piece.bytes());
        return true;
    }

    void answer(long id, KeyReply reply) {
        Call call = calls.get(id);
        if (call == null) {
            reply.release();
            return;
        }
        count(call, reply);
        call.tellUnseen(Call.failureOf(reply)); // first, so that a flush that finds no open call finds its failure
        remove(call);
        if (!call.end(reply)) {
            reply.release();
        }
    }

    private void count(Call call, KeyReply reply) {
        if (reply instanceof KeyReply.Refused) {
            refused.increment();
            return;
        }
        if (isPush(call)) {
            pushed.increment();
            bytesPushed.add(call.bytes());
        }
        if (reply instanceof KeyReply.Done && call.inflow() != null) {
            pulled.increment();
        } else if (reply instanceof KeyReply.Value value) {
            pulled.increment();
            bytesPulled.add(value.value().bytes());
        } else if (reply instanceof KeyReply.Rows rows) {
            pulled.increment();
            bytesPulled.add(rows.rows().bytes());
        }
    }

    void fail(long id, KVStoreException failure) {
        Call call = calls.get(id);
        if (call != null) {
            call.tellUnseen(failure);
            remove(call);
            call.fail(failure);
        }
    }

    private void remove(Call call) {
        if (calls.remove(call.id()) != null && isPush(call)) {
            count(call.key()).decrementAndGet();
        }
    }

    void failAll(KVStoreException failure) {
        List.copyOf(calls.keySet()).forEach(id -> fail(id, failure));
    }

    List<Call> all() {
        return calls.values().stream()
                .sorted(Comparator.comparingLong(Call::id))
                .toList();
    }

    /** This worker's own counters; keys that it knows, and buffers that it holds. */
    Stats stats(long keys, BufferPool pool, long inFlightBytes) {
        return new Stats(
                keys,
                pushed.sum(),
                pulled.sum(),
                refused.sum(),
                bytesPushed.sum(),
                bytesPulled.sum(),
                pool.liveBytes(),
                pool.idleBytes(),
                inFlightBytes,
                calls.size(),
                List.of());
    }
}
