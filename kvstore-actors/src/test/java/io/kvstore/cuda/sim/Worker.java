package io.kvstore.cuda.sim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/** The thread that does what is in the streams, one operation at a time. */
final class Worker implements Runnable {
    private final SimulatedDriver driver;
    private final Random random;
    private final long pauseNanos;
    private final List<SimulatedStream> streams = new ArrayList<>();
    private boolean closed;

    Worker(SimulatedDriver driver, long seed, Duration pause) {
        this.driver = driver;
        this.random = new Random(seed);
        this.pauseNanos = pause.toNanos();
        Thread thread = new Thread(this, "simulated-gpus");
        thread.setDaemon(true);
        thread.start();
    }

    Random random() {
        return random;
    }

    /** Has work for the first time, or again. */
    synchronized void add(SimulatedStream stream) {
        if (!streams.contains(stream)) {
            streams.add(stream);
            streams.sort(Comparator.comparingInt(SimulatedStream::id)); // the seed alone chooses
        }
        notifyAll();
    }

    /** Something happened for which a stream may have waited. */
    synchronized void wake() {
        notifyAll();
    }

    @Override
    public void run() {
        for (Operation next = take(); next != null; next = take()) {
            if (pauseNanos > 0) {
                LockSupport.parkNanos(pauseNanos);
            }
            next.stream().execute(next);
        }
    }

    private synchronized Operation take() {
        while (true) {
            streams.removeIf(SimulatedStream::isIdle);
            List<SimulatedStream> ready =
                    streams.stream().filter(SimulatedStream::isReady).toList();
            if (!ready.isEmpty()) {
                return ready.get(random.nextInt(ready.size())).take();
            }
            if (closed) {
                return null;
            }
            try {
                wait();
            } catch (InterruptedException e) {
                driver.fault("the worker was interrupted");
                return null;
            }
        }
    }

    synchronized void close() {
        closed = true;
        notifyAll();
    }
}
