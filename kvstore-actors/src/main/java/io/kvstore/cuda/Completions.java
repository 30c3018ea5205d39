package io.kvstore.cuda;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells when events are done: one thread asks for all that are outstanding, sleeps while there is none, and pauses
 * {@value #PAUSE_NANOS} ns between two rounds once {@value #SPIN_NANOS} ns have brought nothing.
 *
 * <p>The driver's own callbacks ({@code cuLaunchHostFunc}) would cost no thread, but they run on a thread of the driver on
 * which no call to it is allowed, hold up the stream meanwhile, and are never made once a device is lost. Asking sees that too.
 */
public final class Completions implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Completions.class);
    private static final long PAUSE_NANOS = 20_000;

    /** A pause takes a multiple of what it should; small arrays are done sooner. */
    private static final long SPIN_NANOS = 50_000;

    /** What is to be done when an event is. */
    @FunctionalInterface
    public interface Completion {
        /**
         * Runs on the thread of all completions, so hands on what takes long.
         *
         * @param failure why the event will never be done, or null: it is
         */
        void run(CudaException failure);
    }

    private record Outstanding(GpuEvent event, Completion then) {}

    private final Queue<Outstanding> added = new ConcurrentLinkedQueue<>();
    private final Thread thread = new Thread(this::run, "kvstore-gpu-completions");
    private boolean troubled; // only the thread's
    private volatile boolean closed;

    public Completions() {
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Runs {@code then} once, after {@code event}, as it was last recorded before this call, is done or its device lost. Until
     * then nobody records or closes the event.
     *
     * @throws IllegalStateException if this is closed
     */
    public void whenDone(GpuEvent event, Completion then) {
        if (closed) {
            throw new IllegalStateException("completions are closed: nothing would tell when the event is done");
        }
        added.add(new Outstanding(event, then));
        LockSupport.unpark(thread);
    }

    private void run() {
        Queue<Outstanding> waiting = new ArrayDeque<>();
        long progress = System.nanoTime();
        while (!closed || !waiting.isEmpty() || !added.isEmpty()) {
            boolean more = false;
            for (Outstanding next = added.poll(); next != null; next = added.poll()) {
                more = waiting.add(next);
            }
            if (waiting.removeIf(this::isOver) || more) {
                progress = System.nanoTime();
            }
            if (waiting.isEmpty()) {
                sleep();
            } else if (System.nanoTime() - progress < SPIN_NANOS) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    private void sleep() {
        if (added.isEmpty() && !closed) {
            LockSupport.park(this);
        }
    }

    private boolean isOver(Outstanding outstanding) {
        CudaException failure = null;
        try {
            if (!outstanding.event.isDone()) {
                return false;
            }
        } catch (CudaException e) {
            failure = e;
        } catch (RuntimeException
                | Error e) { // such as a lack of memory: it says nothing about the event, so ask again
            if (!troubled) {
                troubled = true;
                LOG.error(
                        "an event could not be asked whether it is done; it is asked again, and this is not repeated",
                        e);
            }
            return false;
        }
        tell(outstanding.then, failure);
        return true;
    }

    /** One caller's fault must not silence the others. */
    static void tell(Completion then, CudaException failure) {
        try {
            then.run(failure);
        } catch (RuntimeException | Error e) {
            LOG.error("a completion failed", e);
        }
    }

    /** Takes no more; what is outstanding is still told, and then the thread ends. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }
}
