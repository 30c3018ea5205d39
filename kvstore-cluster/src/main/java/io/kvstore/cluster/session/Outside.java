package io.kvstore.cluster.session;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.Layout;
import io.kvstore.actor.Part;
import io.kvstore.tensor.DenseTensor;

/**
 * What a session does to the world. Nothing of it is reliable: what is sent may be lost, repeated, delayed or overtaken.
 *
 * @param <N> a server node
 */
interface Outside<N> {

    /** A number for the next request; never the same twice. */
    long nextId();

    /**
     * Sends a request for a part to the node it is believed to live on. The reply comes back with {@code id}.
     *
     * @param priority higher goes first
     * @param command one hold on each of its tensors goes with it
     */
    void send(N server, long id, Part part, int priority, KeyCommand command);

    /** Asks any server where a part lives. */
    void locate(Part part);

    /**
     * Gives a call a piece of the value that it asked for, the elements from {@code at} on, perhaps again.
     *
     * @param piece only read
     * @return false if the call wants the value as a whole
     */
    default boolean take(long call, int at, DenseTensor piece) {
        return false;
    }

    /** The outcome of a call. */
    void answer(long call, KeyReply reply);

    /** The call ends without an outcome. */
    void fail(long call, KVStoreException failure);

    /** The key exists, as far as this session knows. */
    void known(Key key, Layout layout, long generation, long version);

    /** This worker took part in the key's creation. */
    void initialised(Key key);

    /** The key may be gone with its server: this worker may initialise it again. */
    void doubted(Key key);

    /** The key is gone, and must be initialised again. */
    void unknown(Key key);

    /** The incarnation under which the session sends was closed: it must register again. */
    void fenced(long incarnation);
}
