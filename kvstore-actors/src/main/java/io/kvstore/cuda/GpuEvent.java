package io.kvstore.cuda;

/** A mark in a stream. Any thread may call it. */
public interface GpuEvent extends AutoCloseable {

    /**
     * Whether everything before the mark is done; true if it was never recorded.
     *
     * @throws CudaException {@code DEVICE_LOST} if it never will be
     */
    boolean isDone();

    @Override
    void close();
}
