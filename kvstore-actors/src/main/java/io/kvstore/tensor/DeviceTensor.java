package io.kvstore.tensor;

/**
 * An array that a program holds in the memory of a GPU: every element, in row-major order, without gaps. It stands where an
 * array is pushed or pulled into, in stores whose devices are GPUs.
 *
 * <p>It owns nothing: the memory stays the program's, and lives until the call that names it has ended. A store reads it
 * after all work that the stream was given before, and what the stream is given after a pull sees what was pulled.
 */
public final class DeviceTensor implements Tensor {
    private final int device;
    private final long address;
    private final DType dtype;
    private final Shape shape;
    private final long stream;
    private final Runnable onRelease;
    private boolean revoked;

    private DeviceTensor(int device, long address, DType dtype, Shape shape, long stream, Runnable onRelease) {
        this.device = device;
        this.address = address;
        this.dtype = dtype;
        this.shape = shape;
        this.stream = stream;
        this.onRelease = onRelease;
    }

    /**
     * An array of the GPU's primary context, which CUDA's runtime and the frameworks over it use.
     *
     * @param device the GPU's ordinal, from 0
     * @param address the driver's {@code CUdeviceptr}, a multiple of the size of an element
     * @param stream the {@code CUstream} whose work writes and reads the array; 0 for the default stream
     */
    public static DeviceTensor of(int device, long address, DType dtype, Shape shape, long stream) {
        return new DeviceTensor(device, address, dtype, shape, stream, () -> {});
    }

    /** The same array, lent to a store; {@link #release} of it runs {@code onRelease}, once for each call. */
    public DeviceTensor lent(Runnable onRelease) {
        return new DeviceTensor(device, address, dtype, shape, stream, onRelease);
    }

    /** Ends the loan: no reading of the array begins any more; one that has begun on the GPU goes on to its end. */
    public synchronized void revoke() {
        revoked = true;
    }

    /** Whether the lender has taken it back. */
    public synchronized boolean isRevoked() {
        return revoked;
    }

    /** The GPU's ordinal, from 0. */
    public int device() {
        return device;
    }

    /** The driver's address of the first element. */
    public long address() {
        return address;
    }

    /** The driver's handle of the stream that the program uses the array in; 0 for the default stream. */
    public long stream() {
        return stream;
    }

    @Override
    public DType dtype() {
        return dtype;
    }

    @Override
    public Shape shape() {
        return shape;
    }

    @Override
    public long bytes() {
        return shape.length() * dtype.bytes();
    }

    @Override
    public void release() {
        onRelease.run();
    }

    @Override
    public String toString() {
        return dtype + shape.toString() + " at 0x" + Long.toHexString(address) + " on gpu(" + device + ")";
    }
}
