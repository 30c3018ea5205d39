package io.kvstore.actor;

import akka.actor.typed.ActorRef;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.profile.Recording;
import io.kvstore.profile.Span;
import io.kvstore.tensor.Tensor;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Where a command's reply goes, and the id it carries.
 *
 * @param store whose key gives the reply
 * @param span the command as an event of the profiler, or null if that is off
 */
record Requester(long id, ActorRef<KeyReply> ref, StoreContext store, Span span) {

    static Requester of(KeyCommand command, Key key, StoreContext store) {
        Recording recording = store.profile().active();
        Span span = recording == null ? null : recording.begin(name(command), key, bytes(command));
        return new Requester(command.id(), command.replyTo(), store, span);
    }

    /** The command's name as that of the store's operation, such as {@code pushPull}. */
    private static String name(KeyCommand command) {
        String name = command.getClass().getSimpleName();
        return name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1);
    }

    private static long bytes(KeyCommand command) {
        List<Tensor> tensors = null;
        if (command instanceof KeyCommand.Push push) {
            tensors = push.gradients();
        } else if (command instanceof KeyCommand.PushPull push) {
            tensors = push.gradients();
        } else if (command instanceof KeyCommand.Init init) {
            tensors = Collections.singletonList(init.value());
        } else if (command instanceof KeyCommand.Restore restore && restore.state() != null) {
            return restore.state().bytes();
        } else if (command instanceof PartCommand.Stage stage) {
            tensors = Collections.singletonList(stage.piece());
        }
        return Stream.ofNullable(tensors) // a hand-made command may lack anything; it is the key that refuses it
                .flatMap(List::stream)
                .filter(Objects::nonNull)
                .mapToLong(Tensor::bytes)
                .sum();
    }

    /** Whether the reply to {@code other} is the reply to this as well, the same request having come twice. */
    boolean isAnsweredWith(Requester other) {
        return id == other.id && ref.equals(other.ref);
    }

    /** The command has waited until now. */
    void turn() {
        if (span != null) {
            span.turn();
        }
    }

    /**
     * Sends the reply to a command that took effect.
     *
     * @param version that it made or read, or -1
     * @param bytes of what the reply carries
     */
    void tell(KeyReply reply, long version, long bytes) {
        if (span != null) {
            span.end(version, bytes, null); // before the reply, so that who has it finds the event
        }
        store.reply(ref, reply);
    }

    /** Sends a reply that others will follow. */
    void tellFirst(KeyReply reply) {
        store.reply(ref, reply);
    }

    void refuse(Key key, Reason reason, String message) {
        if (span != null) {
            span.refused(reason);
        }
        store.reply(ref, new KeyReply.Refused(key, id, reason, message));
    }
}
