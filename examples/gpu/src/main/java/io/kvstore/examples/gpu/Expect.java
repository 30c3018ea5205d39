package io.kvstore.examples.gpu;

import io.kvstore.actor.KeyReply;
import io.kvstore.tensor.Casts;
import io.kvstore.tensor.DenseTensor;
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
        that(
                Objects.equals(expected, actual),
                () -> what + " is " + expected + ", not " + actual + difference(expected, actual));
    }

    /** Where two tensors, or values in answers, of one type and shape differ, and how much. */
    private static String difference(Object expected, Object actual) {
        if (expected instanceof KeyReply.Value left && actual instanceof KeyReply.Value right) {
            return difference(left.value(), right.value());
        }
        if (!(expected instanceof DenseTensor left && actual instanceof DenseTensor right)
                || left.dtype() != right.dtype()
                || !left.shape().equals(right.shape())) {
            return "";
        }
        int first = -1;
        double greatest = 0;
        for (int i = left.length() - 1; i >= 0; i--) {
            double wanted = Casts.getDouble(left.dtype(), left.data(), i);
            double given = Casts.getDouble(right.dtype(), right.data(), i);
            if (Double.compare(wanted, given) != 0) {
                first = i;
                greatest = Math.max(greatest, given == wanted ? 0 : Math.abs(given - wanted) / Math.abs(wanted));
            }
        }
        return first < 0
                ? "; only bits of NaNs differ"
                : "; element " + first + " is the first that differs, the greatest relative difference is " + greatest;
    }
}
