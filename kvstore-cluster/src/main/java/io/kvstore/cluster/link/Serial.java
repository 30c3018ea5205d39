package io.kvstore.cluster.link;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs tasks one at a time and in order, without a thread of its own: who brings a task while none runs, runs it, and what
 * others bring meanwhile. So a call goes through without a hand-over between threads, each of which costs the waking of one.
 *
 * <p>Tasks must not block. One that is brought by another task is run after it.
 */
public final class Serial implements Executor {
    private static final Logger LOG = LoggerFactory.getLogger(Serial.class);

    /** A thread that has run so many leaves the rest to another, for it has work of its own. */
    private static final int AT_ONCE = 4096;

    /** Bytes that {@link #together} holds back at most: enough to share a frame, and little enough to keep both ends busy. */
    private static final long HELD_BACK = 64 * 1024;

    /** What a task counts for besides its bytes. */
    private static final long TASK = 1024;

    /** What a thread holds back in {@link #together}. */
    private static final class Held {
        private long bytes;

        /** Whether it is time to let go. */
        boolean add(long more) {
            bytes += more + TASK;
            if (bytes < HELD_BACK) {
                return false;
            }
            bytes = 0;
            return true;
        }
    }

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger calls = new AtomicInteger(); // that were not seen to; 0: nobody runs tasks
    private final Runnable burst;
    private final Executor others;
    private final ThreadLocal<Held> held = new ThreadLocal<>();

    /**
     * @param burst is run like a task after all that have come together
     * @param others takes over from a thread that has run many tasks
     */
    public Serial(Runnable burst, Executor others) {
        this.burst = burst;
        this.others = others;
    }

    /** Runs the task now, or has it run by the thread that runs tasks now. */
    @Override
    public void execute(Runnable task) {
        execute(task, 0);
    }

    /** As {@link #execute(Runnable)}. @param bytes count towards what {@link #together} holds back */
    public void execute(Runnable task, long bytes) {
        add(task);
        Held mine = held.get();
        if (mine == null || mine.add(bytes)) {
            run();
        }
    }

    /** Adds a task that is run at the latest when {@link #run} is called. */
    void add(Runnable task) {
        tasks.add(task);
    }

    /** Runs what was added, or has it run by the thread that runs tasks now. */
    public void run() {
        if (calls.getAndIncrement() == 0) {
            drain();
        }
    }

    /**
     * Runs {@code adds}, whose tasks are run in bursts: when much has come together, and at the latest when it is over. If it
     * waits for something, it has to {@link #run} first what it has added.
     */
    public void together(Runnable adds) {
        if (held.get() != null) {
            adds.run();
            return;
        }
        held.set(new Held());
        try {
            adds.run();
        } finally {
            held.remove();
            run();
        }
    }

    private void drain() {
        int left = AT_ONCE;
        int seen;
        do {
            seen = calls.get();
            left -= runTasks(left);
            while (left <= 0) {
                if (isTakenOver()) {
                    return;
                }
                left = AT_ONCE - runTasks(AT_ONCE);
            }
        } while (calls.addAndGet(-seen) != 0);
    }

    private boolean isTakenOver() {
        try {
            others.execute(this::drain);
            return true;
        } catch (RejectedExecutionException e) {
            return false; // they have shut down; the tasks that are left may be somebody's answer
        }
    }

    private int runTasks(int limit) {
        int done = 0;
        for (Runnable task = tasks.poll(); task != null; task = ++done < limit ? tasks.poll() : null) {
            guarded(task);
        }
        guarded(burst);
        return done;
    }

    /** Lets no task stop the others, whatever it throws: without this thread's word that it is done none would run again. */
    private static void guarded(Runnable task) {
        try {
            task.run();
        } catch (Throwable e) {
            LOG.error("a task failed", e);
        }
    }
}
