package io.kvstore.actor;

import akka.actor.typed.ActorRef;
import io.kvstore.tensor.DeviceTensor;
import io.kvstore.tensor.Tensor;
import java.util.List;

/**
 * What a key accepts. Each command gets exactly one {@link KeyReply}, in the order of arrival, with the command's
 * {@code id}. A command that cannot be carried out is {@link KeyReply.Refused} with a reason and changes nothing; no
 * command stops a key.
 *
 * <p><b>Ownership.</b> A tensor in a command stays its sender's, who must not write into it before the reply. The key only
 * reads it, and calls its {@code release()} once when it no longer does.
 */
public sealed interface KeyCommand extends KeyMessage
        permits KeyCommand.Init,
                KeyCommand.Push,
                KeyCommand.Pull,
                KeyCommand.PullInto,
                KeyCommand.PullRows,
                KeyCommand.PushPull,
                KeyCommand.Configure,
                KeyCommand.Snapshot,
                KeyCommand.Restore,
                KeyCommand.Delete,
                PartCommand {

    /** The sender's number for this command, for matching the reply; any value. */
    long id();

    ActorRef<KeyReply> replyTo();

    /** The same command, to be answered with {@code id} at {@code replyTo}. */
    KeyCommand answering(long id, ActorRef<KeyReply> replyTo);

    /** Releases what the command carries, on behalf of a key that will not get it. */
    default void release() {}

    /**
     * Creates the key with a copy of {@code value}, at version 0: {@link KeyReply.Done}, or refused if it exists. A
     * row-sparse value makes a row-sparse key.
     */
    record Init(Tensor value, long id, ActorRef<KeyReply> replyTo) implements KeyCommand {
        public Init(Tensor value, ActorRef<KeyReply> replyTo) {
            this(value, 0, replyTo);
        }

        @Override
        public Init answering(long id, ActorRef<KeyReply> replyTo) {
            return new Init(value, id, replyTo);
        }

        @Override
        public void release() {
            value.release();
        }
    }

    /**
     * Applies the sum of {@code gradients}, each of the key's shape and type, dense, row-sparse or encoded by a codec of
     * {@code io.kvstore.compression}: {@link KeyReply.Done} with the version that it made. Without optimizer and updater
     * the sum becomes the value.
     */
    record Push(List<Tensor> gradients, Origin origin, long id, ActorRef<KeyReply> replyTo) implements KeyCommand {
        public Push(Tensor gradient, ActorRef<KeyReply> replyTo) {
            this(List.of(gradient), Origin.none(), 0, replyTo);
        }

        @Override
        public Push answering(long id, ActorRef<KeyReply> replyTo) {
            return new Push(gradients, origin, id, replyTo);
        }

        @Override
        public void release() {
            gradients.forEach(Tensor::release);
        }
    }

    /** Asks for the value: {@link KeyReply.Value}, with every push that came before in it, once {@code reading} allows. */
    record Pull(Reading reading, long id, ActorRef<KeyReply> replyTo) implements KeyCommand {
        public Pull(long id, ActorRef<KeyReply> replyTo) {
            this(Reading.latest(), id, replyTo);
        }

        public Pull(ActorRef<KeyReply> replyTo) {
            this(0, replyTo);
        }

        @Override
        public Pull answering(long id, ActorRef<KeyReply> replyTo) {
            return new Pull(reading, id, replyTo);
        }
    }

    /**
     * Fills arrays on GPUs with the value, with every push that came before in it, once {@code reading} allows: {@link
     * KeyReply.Done} with the value's version. The arrays' streams have the copies then; what they are given later comes after
     * them. Only within one JVM, in a store whose devices are GPUs.
     *
     * @param outs of the key's shape and type, on GPUs of the store
     */
    record PullInto(List<DeviceTensor> outs, Reading reading, long id, ActorRef<KeyReply> replyTo)
            implements KeyCommand {
        public PullInto(List<DeviceTensor> outs, long id, ActorRef<KeyReply> replyTo) {
            this(outs, Reading.latest(), id, replyTo);
        }

        @Override
        public PullInto answering(long id, ActorRef<KeyReply> replyTo) {
            return new PullInto(outs, reading, id, replyTo);
        }
    }

    /**
     * Asks for some rows of a row-sparse key: {@link KeyReply.Rows}, with every push that came before in them, once
     * {@code reading} allows.
     *
     * @param ids rows in any order and with repeats; the sender does not write into the array before the reply
     */
    record PullRows(long[] ids, Reading reading, long id, ActorRef<KeyReply> replyTo) implements KeyCommand {
        public PullRows(long[] ids, long id, ActorRef<KeyReply> replyTo) {
            this(ids, Reading.latest(), id, replyTo);
        }

        public PullRows(long[] ids, ActorRef<KeyReply> replyTo) {
            this(ids, 0, replyTo);
        }

        @Override
        public PullRows answering(long id, ActorRef<KeyReply> replyTo) {
            return new PullRows(ids, reading, id, replyTo);
        }
    }

    /** {@link Push}, answered with the {@link KeyReply.Value} that it made. */
    record PushPull(List<Tensor> gradients, Origin origin, long id, ActorRef<KeyReply> replyTo) implements KeyCommand {
        public PushPull(Tensor gradient, ActorRef<KeyReply> replyTo) {
            this(List.of(gradient), Origin.none(), 0, replyTo);
        }

        @Override
        public PushPull answering(long id, ActorRef<KeyReply> replyTo) {
            return new PushPull(gradients, origin, id, replyTo);
        }

        @Override
        public void release() {
            gradients.forEach(Tensor::release);
        }
    }

    /** Changes how later pushes are applied, and never the value: {@link KeyReply.Done}. */
    record Configure(KeyConfig config, long id, ActorRef<KeyReply> replyTo) implements KeyCommand {
        @Override
        public Configure answering(long id, ActorRef<KeyReply> replyTo) {
            return new Configure(config, id, replyTo);
        }
    }

    /**
     * Asks what the optimizer remembers of the key: {@link KeyReply.States}, with every push that came before in it; or
     * refused if no optimizer is in force.
     */
    record Snapshot(long id, ActorRef<KeyReply> replyTo) implements KeyCommand {
        @Override
        public Snapshot answering(long id, ActorRef<KeyReply> replyTo) {
            return new Snapshot(id, replyTo);
        }
    }

    /**
     * Replaces what the optimizer remembers of the key, and never the value: {@link KeyReply.Done}. Refused unless the
     * optimizer in force goes on from states of this form, and they are of the key's shape and type. Pooled states that
     * nobody else holds become the key's own, others are copied.
     */
    record Restore(OptimizerState state, long id, ActorRef<KeyReply> replyTo) implements KeyCommand {
        @Override
        public Restore answering(long id, ActorRef<KeyReply> replyTo) {
            return new Restore(state, id, replyTo);
        }

        @Override
        public void release() {
            state.release();
        }
    }

    /** Forgets value and state: {@link KeyReply.Done}. The key can be initialised again. */
    record Delete(long id, ActorRef<KeyReply> replyTo) implements KeyCommand {
        @Override
        public Delete answering(long id, ActorRef<KeyReply> replyTo) {
            return new Delete(id, replyTo);
        }
    }
}
