package io.kvstore.cuda;

/**
 * One opened GPU. Any thread may call it; no call waits for work on the GPU, but the driver may do so
 * where it finds or gives back memory: in {@link #allocate}, {@link #free} and {@link #close}.
 *
 * <p>Addresses of device memory are plain numbers, the driver's own. An operation on a lost device throws
 * {@link CudaException.Kind#DEVICE_LOST}.
 */
public interface Gpu extends AutoCloseable {

    GpuInfo info();

    /** Bytes of device memory that nobody uses now. */
    long freeBytes();

    /**
     * New device memory of undefined content, aligned to 256 bytes; the caller frees it.
     *
     * @param bytes at least 1
     * @throws CudaException {@code OUT_OF_MEMORY} if there is not so much in one piece
     */
    long allocate(long bytes);

    /** Gives memory back that no stream uses any more; does nothing on a lost device. May wait for the GPU: not for hot paths. */
    void free(long address);

    /** How many bytes, from {@code address} on, are memory of this GPU in one piece; 0 if it is freed, or never was. */
    long bytesAt(long address);

    /**
     * New host memory that every GPU of this process copies from and to at full speed; the caller closes it.
     *
     * @param bytes from 1 to {@link Integer#MAX_VALUE}
     * @throws CudaException {@code OUT_OF_MEMORY} if the system locks no more memory for this process
     */
    PinnedMemory allocatePinned(int bytes);

    /** A new stream, which waits for no other; the caller closes it. */
    GpuStream newStream();

    /** A stream of the user's own; to close it does nothing. {@code handle} is a live {@code CUstream}, or 0. */
    GpuStream streamOf(long handle);

    /** A new event, which is done as long as nobody recorded it; the caller closes it. */
    GpuEvent newEvent();

    /** Lets this GPU's streams copy from {@code other}'s memory directly. False if the hardware or driver cannot. */
    boolean reaches(Gpu other);

    /** Frees what belongs to the opening: kernels and context. Memory, streams and events are closed before. */
    @Override
    void close();
}
