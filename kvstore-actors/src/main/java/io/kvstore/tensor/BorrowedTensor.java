package io.kvstore.tensor;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A caller's array, read in place by its logical value while the caller waits.
 *
 * <p>Whoever handles it reads it at once and then calls {@link #release}, which lets the caller go on; after that the
 * elements may change or vanish at any time. It never leaves the JVM.
 */
public final class BorrowedTensor implements Dense {
    private final NdView view;
    private final Shape shape;
    private final Runnable onRelease;
    private Outlet outlet;
    private int holders;
    private boolean revoked;
    private DenseTensor copy; // what is read in place of the array; null: none

    /**
     * @param array live, of a supported type
     * @param onRelease called by {@link #release}, once for each call of it
     * @throws io.kvstore.KVStoreException if the array is closed or its type is not supported
     */
    public BorrowedTensor(INDArray array, Runnable onRelease) {
        this.view = NdView.reading(array);
        this.shape = view.shape();
        this.onRelease = onRelease;
    }

    @Override
    public DType dtype() {
        return view.dtype();
    }

    @Override
    public Shape shape() {
        return shape;
    }

    @Override
    public int length() {
        return (int) shape.length();
    }

    /** @throws io.kvstore.KVStoreException once the array was {@linkplain #revoke taken back} */
    @Override
    public synchronized void read(int from, Object target, int at, int count) {
        if (revoked) {
            throw new KVStoreException(Reason.CLOSED, "the caller no longer lends its array");
        }
        if (copy != null) {
            copy.read(from, target, at, count);
        } else {
            view.read(from, target, at, count);
        }
    }

    /** As {@link #read(int, Object, int, int)}, to the beginning of {@code target}; false if nothing was read so. */
    synchronized boolean read(int from, int count, Primitives target) {
        if (revoked) {
            throw new KVStoreException(Reason.CLOSED, "the caller no longer lends its array");
        }
        return copy == null && view.read(from, count, target);
    }

    /** Before it is sent: the caller lends outputs as well, to be given the key's value after the push of this array. */
    public void answerInto(Outlet outputs) {
        outlet = outputs;
    }

    /** What may take the value after the push of this array; nobody need fill it. Null if nothing was lent. */
    public Outlet outlet() {
        return outlet;
    }

    /** The array that is lent. */
    public NdView view() {
        return view;
    }

    /** Until {@link #letGo} the array can be read. @throws io.kvstore.KVStoreException once it was taken back */
    synchronized void hold() {
        if (revoked) {
            throw new KVStoreException(Reason.CLOSED, "the caller no longer lends its array");
        }
        holders++;
    }

    synchronized void letGo() {
        if (--holders == 0) {
            notifyAll();
        }
    }

    /** Ends the loan: when this returns nobody reads the array, and nobody will. Who holds it is done soon. */
    public synchronized void revoke() {
        awaitHolders();
        revoked = true;
        if (copy != null) {
            copy.release();
            copy = null;
        }
    }

    private void awaitHolders() {
        boolean interrupted = false;
        while (holders > 0) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Ends the loan, but who reads goes on with a copy, until it is {@linkplain #revoke revoked}: when this returns nobody
     * reads the array. Again, or after revoke, it does nothing.
     */
    public synchronized void capture(BufferPool pool) {
        if (!revoked && copy == null) {
            copy = pool.copyOf(this);
        }
    }

    @Override
    public Object arrayOrNull() {
        return null;
    }

    @Override
    public void release() {
        onRelease.run();
    }

    @Override
    public String toString() {
        return "borrowed " + dtype() + shape;
    }
}
