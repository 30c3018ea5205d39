package io.kvstore.examples.benchmarks.mxnet;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Arithmetic on whole MXNet arrays, by MXNet's operators; frees its intermediate results when it is closed. */
final class MxMath implements AutoCloseable {
    private final List<MxArray> results = new ArrayList<>();

    MxArray add(MxArray a, MxArray b) {
        return of("elemwise_add", List.of(a, b), Map.of());
    }

    MxArray subtract(MxArray a, MxArray b) {
        return of("elemwise_sub", List.of(a, b), Map.of());
    }

    MxArray multiply(MxArray a, MxArray b) {
        return of("elemwise_mul", List.of(a, b), Map.of());
    }

    MxArray divide(MxArray a, MxArray b) {
        return of("elemwise_div", List.of(a, b), Map.of());
    }

    MxArray maximum(MxArray a, MxArray b) {
        return of("broadcast_maximum", List.of(a, b), Map.of());
    }

    MxArray add(MxArray a, double number) {
        return of("_plus_scalar", List.of(a), Map.of("scalar", number));
    }

    MxArray multiply(MxArray a, double number) {
        return of("_mul_scalar", List.of(a), Map.of("scalar", number));
    }

    MxArray divide(MxArray a, double number) {
        return of("_div_scalar", List.of(a), Map.of("scalar", number));
    }

    MxArray sqrt(MxArray a) {
        return of("sqrt", List.of(a), Map.of());
    }

    MxArray square(MxArray a) {
        return of("square", List.of(a), Map.of());
    }

    MxArray abs(MxArray a) {
        return of("abs", List.of(a), Map.of());
    }

    MxArray norm(MxArray a) {
        return of("norm", List.of(a), Map.of());
    }

    /** {@code a} limited to {@code [-limit, limit]}, or {@code a} itself if the limit is not positive. */
    MxArray clip(MxArray a, double limit) {
        if (limit <= 0) {
            return a;
        }
        return of("clip", List.of(a), Map.of("a_min", -limit, "a_max", limit));
    }

    MxArray cast(MxArray a, MxType type) {
        return of("cast", List.of(a), Map.of("dtype", type.name().toLowerCase()));
    }

    /** Copies the elements of one array into another of its type. */
    void set(MxArray target, MxArray value) {
        MxOps.invoke("_copyto", List.of(value), List.of(target), Map.of());
    }

    /** The only result of an operator; belongs to this object. */
    MxArray of(String operator, List<MxArray> inputs, Map<String, ?> params) {
        List<MxArray> given = MxOps.invoke(operator, inputs, params);
        results.addAll(given);
        return given.get(0);
    }

    @Override
    public void close() {
        results.forEach(MxArray::close);
    }
}
