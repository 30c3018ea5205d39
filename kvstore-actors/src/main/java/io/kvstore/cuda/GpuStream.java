package io.kvstore.cuda;

/**
 * A queue of work for one GPU: everything given to it is done later, one after the other. Different streams have no
 * order but what events give them. Any thread may call it; the order is that of the calls. No call waits for the GPU.
 *
 * <p>Memory named in a call must live, and host memory must stay untouched, until the work is done; an
 * {@linkplain #record event recorded after it} tells.
 */
public interface GpuStream extends AutoCloseable {

    /** Copies pinned host memory from byte {@code offset} to the device. */
    void upload(long to, PinnedMemory from, int offset, int bytes);

    /** Copies device memory to pinned host memory from byte {@code offset}. */
    void download(PinnedMemory to, int offset, long from, int bytes);

    /** Copies within this stream's GPU. */
    void copy(long to, long from, long bytes);

    /** Copies from the memory of another GPU that this one {@linkplain Gpu#reaches reaches}. */
    void copyFrom(Gpu other, long to, long from, long bytes);

    /** Sets {@code bytes} bytes to {@code value}. */
    void fill(long to, byte value, long bytes);

    /**
     * Starts a kernel by its name in the shipped PTX.
     *
     * @param blocks how many blocks of threads, at least 1
     * @param threads how many threads in each, from 1 to 1024
     * @param arguments the members of the kernel's one parameter, a struct; copied before the call returns
     * @throws CudaException {@code LAUNCH_FAILED} if there is no such kernel or it does not start
     */
    void launch(String kernel, int blocks, int threads, Arguments arguments);

    /** Makes {@code event} done once everything given to this stream so far is. */
    void record(GpuEvent event);

    /** Lets what is given to this stream from now on wait for {@code event} as it was last recorded; any GPU's will do. */
    void await(GpuEvent event);

    /** Work that is under way goes on to its end. */
    @Override
    void close();
}
