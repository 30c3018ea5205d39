package io.kvstore.cluster.link;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * The kinds of one family of messages: for each record a number, how it is written and how it is read.
 *
 * @param <T> what all of them are
 * @param <R> how one is read
 */
final class Kinds<T, R> {

    /** One kind. {@code number} never changes its meaning; a new layout of a record is a new number. */
    record Kind<T, R>(int number, Class<? extends T> type, BiConsumer<WireOut, T> write, R read) {

        static <T, K extends T, R> Kind<T, R> of(int number, Class<K> type, BiConsumer<WireOut, K> write, R read) {
            return new Kind<>(number, type, (out, value) -> write.accept(out, type.cast(value)), read);
        }
    }

    private final Map<Class<?>, Kind<T, R>> byType = new HashMap<>();
    private final Map<Integer, Kind<T, R>> byNumber = new HashMap<>();

    Kinds(List<Kind<T, R>> kinds) {
        for (Kind<T, R> kind : kinds) {
            if (byType.put(kind.type, kind) != null || byNumber.put(kind.number, kind) != null) {
                throw new IllegalStateException("two kinds share type or number: " + kind.number + " " + kind.type);
            }
        }
    }

    /** The kind of a value. @throws IllegalStateException if it has none */
    Kind<T, R> of(T value) {
        Kind<T, R> kind = byType.get(value.getClass());
        if (kind == null) {
            throw new IllegalStateException(value.getClass() + " has no form on the wire");
        }
        return kind;
    }

    /** The kind of a number. @throws WireException if there is none */
    Kind<T, R> of(int number) {
        Kind<T, R> kind = byNumber.get(number);
        if (kind == null) {
            throw new WireException("a message of unknown kind " + number + "; is the sender of a newer version?");
        }
        return kind;
    }

    boolean has(Class<?> type) {
        return byType.containsKey(type);
    }

    boolean has(int number) {
        return byNumber.containsKey(number);
    }
}
