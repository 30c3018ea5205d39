package io.kvstore.actor;

import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.tensor.DenseTensor;

/** What a key answers; one reply for each {@link KeyCommand}, with its id. */
public sealed interface KeyReply permits KeyReply.Done, KeyReply.Value, KeyReply.Refused, PartReply {

    Key key();

    /** The id of the command that this answers. */
    long id();

    /** The command took effect; {@code version} counts the pushes applied since the key was initialised. */
    record Done(Key key, long id, long version) implements KeyReply {}

    /**
     * The value at {@code version}. A lease: it never changes while held, and {@code value.release()} lets its memory be
     * used again; unreleased it is left to the garbage collector.
     */
    record Value(Key key, long id, long version, DenseTensor value) implements KeyReply {}

    /** The command was not carried out and changed nothing. Only {@link Reason#BUSY} is worth an unchanged retry. */
    record Refused(Key key, long id, Reason reason, String message) implements KeyReply {}
}
