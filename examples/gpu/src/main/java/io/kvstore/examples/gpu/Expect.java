package io.kvstore.examples.gpu;

import java.util.Objects;
import java.util.function.Supplier;

/** What must hold; an {@link AssertionError} says what does not. Tensors are equal if their bits are. */
final class Expect {
    private Expect() {}

    static void that(boolean holds, Supplier<String> what) {
        if (!holds) {
            throw new AssertionError("expected: " + what.get());
        }
    }

    static void equal(Object expected, Object actual, String what) {
        that(Objects.equals(expected, actual), () -> what + " is " + expected + ", not " + actual);
    }
}
