package io.kvstore.session;

import akka.actor.typed.ActorRef;
import io.kvstore.KVStoreException;
import io.kvstore.KVStoreSettings;
import io.kvstore.Key;
import io.kvstore.KeyInfo;
import io.kvstore.Profiler;
import io.kvstore.Stats;
import io.kvstore.Updater;
import io.kvstore.actor.Fit;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyConfig;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.Layout;
import io.kvstore.actor.OptimizerState;
import io.kvstore.compression.DevicePacker;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DeviceTensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * A worker's side of a store: finds keys, sends requests, matches replies, and knows what is still open. The store's
 * interface stands on it, whether keys live in this JVM or elsewhere. Any thread may use it.
 */
public interface Session {

    /** A command for a key, given the id and the address that its reply needs. */
    interface Request {
        KeyCommand with(long id, ActorRef<KeyReply> replyTo);
    }

    String type();

    KVStoreSettings settings();

    /** Buffers for captured pushes. */
    BufferPool pool();

    /** The order in which per-device arrays are summed; see {@link io.kvstore.tensor.Kernels}. */
    int sumGroup();

    /** What is known of a key, if it exists; may ask for it, and so take its time on a thread that may wait. */
    Optional<KeyInfo> info(Key key);

    /** The key as this worker has initialised it, so that a second init is an error; in a store with one worker as it is. */
    default Optional<KeyInfo> initialised(Key key) {
        return info(key);
    }

    /** How a key's value is cut on its way. */
    default Layout layout(KeyInfo key) {
        return Layout.whole(key.shape(), key.dtype(), key.rowSparse());
    }

    /**
     * Whether keys may read arrays that their caller lends, several of one push; if not, a push is one tensor: the
     * session's until the reply, or one array in memory order, lent by a caller who waits, until the call has ended.
     */
    default boolean lends() {
        return true;
    }

    /** Why the store's keys cannot read and write that array, or null if they can. */
    default KVStoreException problem(DeviceTensor array) {
        return Fit.noGpus();
    }

    /** Packs arrays on GPUs; null if {@link #problem} refuses all of them. */
    default DevicePacker packer() {
        return null;
    }

    /** Whether what is captured for a push of this key waits for room. */
    default boolean counts(Key key) {
        return true;
    }

    /** The rank of this worker, from 0. */
    default int rank() {
        return 0;
    }

    default int numWorkers() {
        return 1;
    }

    /**
     * Waits until every worker is here, and this one's earlier requests have arrived. With one worker nobody is waited for: a
     * request has arrived when its call returns.
     */
    default void barrier() {}

    /** How many nodes of a group, a sum of 1 coordinator, 2 servers and 4 workers, are dead. */
    default int numDeadNodes(int group) {
        return 0;
    }

    /** Whether {@link #end} waits for the other workers. */
    default void barrierBeforeExit(boolean wait) {}

    /** The keys that exist, sorted, as far as this worker knows. */
    List<Key> keys();

    /** The keys that exist, sorted, whoever made them; may ask for them, and so take its time on a thread that may wait. */
    default List<Key> allKeys() {
        return keys();
    }

    /** What is known of a key now, if it exists; as {@link #allKeys}. */
    default Optional<KeyInfo> describe(Key key) {
        return info(key);
    }

    /** How the keys apply pushes now. */
    KeyConfig config();

    /** Whether a key of this kind, integer or string, may be in the store. */
    boolean admits(Key key);

    /** The kind of keys in the store, for messages. */
    String kind();

    /** Makes sure that the keys have actors, so that they can be initialised. */
    void open(Collection<Key> keys);

    /** The actor of a key, which exists from now on. */
    ActorRef<KeyCommand> ref(Key key);

    /** Why the session has ended, if it has: its store was stopped, or its actor system. */
    Optional<String> ended();

    /**
     * Sends a request to a key that has an actor.
     *
     * @param what the word for the request, such as {@code pull}
     * @param unseen is told a failure before anybody who waits for the reply
     */
    Call send(Key key, String what, Consumer<KVStoreException> unseen, Request request);

    /** As {@link #send(Key, String, Consumer, Request)}; on the network, one of higher {@code priority} goes first. */
    default Call send(Key key, String what, int priority, Consumer<KVStoreException> unseen, Request request) {
        return send(key, what, unseen, request);
    }

    /**
     * Runs {@code sends}, which sends several requests: small ones may leave together, at the latest when it returns. If it
     * waits for something, it has to call {@link #depart} before.
     */
    default void together(Runnable sends) {
        sends.run();
    }

    /** What this thread has sent so far leaves now. */
    default void depart() {}

    /** For a thread that is about to wait: does some of what keys have to do, until {@code done} or there is no more. */
    default void workUntil(BooleanSupplier done) {}

    /**
     * As {@link #send(Key, String, int, Consumer, Request)}; a session that gets values in pieces may give each to {@code
     * inflow} as it comes, and then {@link KeyReply.Done} in place of the value.
     *
     * @param inflow null if the value is wanted as a whole
     */
    default Call send(
            Key key, String what, int priority, Consumer<KVStoreException> unseen, Inflow inflow, Request request) {
        return send(key, what, priority, unseen, request);
    }

    /** Sends a request whose outcome the caller awaits. */
    default Call send(Key key, String what, Request request) {
        return send(key, what, failure -> {}, request);
    }

    /**
     * Makes the optimizer go on from these states, which are handed over: of all keys, or as far as it can be of none.
     *
     * @param what the word for the request
     */
    default List<Call> restore(String what, SortedMap<Key, OptimizerState> states) {
        List<Call> calls = new ArrayList<>(states.size());
        states.forEach((key, state) ->
                calls.add(send(key, what, (id, replyTo) -> new KeyCommand.Restore(state, id, replyTo))));
        return calls;
    }

    /** The calls without an outcome yet, oldest first. */
    List<Call> openCalls();

    /** What a call waits for, in words. */
    String explain(Call call);

    /** What each of these calls waits for. */
    default List<String> explain(List<Call> calls) {
        return calls.stream().map(this::explain).toList();
    }

    void setRule(Optimizer optimizer, Updater updater);

    void adjustOptimizer(UnaryOperator<Optimizer.Builder> change);

    /** Runs the registered controller, if there is one, and returns when it has returned. */
    void command(int head, String body);

    /** The same one each time. */
    Profiler profiler();

    Stats stats(long inFlightBytes);

    /** Completes the stages of asynchronous calls. */
    Executor callbacks();

    /** Runs {@code work} on another thread that is free for it, or never: who asks for help can do without. */
    default void help(Runnable work) {}

    /** Fails what is open and ends the session, and the store if it belongs to this session. */
    void end();
}
