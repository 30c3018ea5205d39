package io.kvstore.session;

import akka.actor.typed.ActorRef;
import io.kvstore.KVStoreException;
import io.kvstore.KVStoreSettings;
import io.kvstore.Key;
import io.kvstore.KeyInfo;
import io.kvstore.Profiler;
import io.kvstore.Stats;
import io.kvstore.Updater;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyConfig;
import io.kvstore.actor.KeyReply;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.tensor.BufferPool;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
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

    Optional<KeyInfo> info(Key key);

    /** The keys that exist, sorted. */
    List<Key> keys();

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

    /** Sends a request whose outcome the caller awaits. */
    default Call send(Key key, String what, Request request) {
        return send(key, what, failure -> {}, request);
    }

    /** The calls without an outcome yet, oldest first. */
    List<Call> openCalls();

    /** What a call waits for, in words. */
    String explain(Call call);

    void setRule(Optimizer optimizer, Updater updater);

    void adjustOptimizer(UnaryOperator<Optimizer.Builder> change);

    /** Runs the registered controller, if there is one, and returns when it has returned. */
    void command(int head, String body);

    /** The same one each time. */
    Profiler profiler();

    Stats stats(long inFlightBytes);

    /** Completes the stages of asynchronous calls. */
    Executor callbacks();

    /** Fails what is open and ends the session, and the store if it belongs to this session. */
    void end();
}
