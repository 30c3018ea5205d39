package io.kvstore.tensor;

/** Takes the elements of a value as they are made, piece by piece; any thread may use it. */
public interface Outlet {

    /**
     * Takes {@code count} elements of {@code elements}, a primitive array of type {@code dtype}, from {@code from} on, as
     * the value's elements from {@code at} on. They are read before this returns.
     */
    void take(int at, DType dtype, Object elements, int from, int count);
}
