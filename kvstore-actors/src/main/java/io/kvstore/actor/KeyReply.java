package io.kvstore.actor;

import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.RowSparseTensor;

/** What a key answers; one reply for each {@link KeyCommand}, with its id; to some {@link PartCommand}s several. */
public sealed interface KeyReply
        permits KeyReply.Done, KeyReply.Value, KeyReply.Rows, KeyReply.States, KeyReply.Refused, PartReply {

    Key key();

    /** The id of the command that this answers. */
    long id();

    /** Whether no other reply to the command follows this one. */
    default boolean isLast() {
        return true;
    }

    /** Gives back what the reply leases, if it leases anything. */
    default void release() {}

    /** The command took effect; {@code version} counts the pushes applied since the key was initialised. */
    record Done(Key key, long id, long version) implements KeyReply {}

    /**
     * The value at {@code version}. A lease: it never changes while held, and {@code value.release()} lets its memory be
     * used again; unreleased it is left to the garbage collector.
     */
    record Value(Key key, long id, long version, DenseTensor value) implements KeyReply {
        @Override
        public void release() {
            value.release();
        }
    }

    /** What the optimizer remembers of the key under {@code config}: a lease, to be released as that of a value. */
    record States(Key key, long id, KeyConfig config, OptimizerState state) implements KeyReply {
        @Override
        public void release() {
            state.release();
        }
    }

    /** A copy of the rows asked for, sorted and unique, at {@code version}. The receiver's; never pooled. */
    record Rows(Key key, long id, long version, RowSparseTensor rows) implements KeyReply {}

    /**
     * The command was not carried out and changed nothing; but the push of a {@link KeyCommand.PushPull} whose value cannot be
     * read counts, and the message says so. Only {@link Reason#BUSY} is worth an unchanged retry.
     */
    record Refused(Key key, long id, Reason reason, String message) implements KeyReply {}
}
