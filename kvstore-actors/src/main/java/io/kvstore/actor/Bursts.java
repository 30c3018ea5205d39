package io.kvstore.actor;

import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.slf4j.MDC;

/**
 * The bursts of a session that a pool was given and has perhaps not begun. Who has to wait for what they do runs some of them,
 * the latest first, while the pool's threads come from the other end: a thread that waits has to be woken, and until then its
 * processor may have nothing to do. Any thread may use it.
 */
public final class Bursts {
    private final Deque<Work> waiting = new ConcurrentLinkedDeque<>();

    /** One more, which the pool has already. */
    void add(Work work) {
        for (Work first = waiting.peekFirst(); first != null && first.isTaken(); first = waiting.peekFirst()) {
            waiting.remove(first);
        }
        waiting.addLast(work);
    }

    /** Runs what nobody has begun, on this thread, until {@code done}, there is no more or the thread is interrupted. */
    public void help(BooleanSupplier done) {
        if (waiting.isEmpty()) {
            return;
        }
        Map<String, String> context = MDC.getCopyOfContextMap(); // an actor that logs sets its own, and clears it then
        while (!done.getAsBoolean() && !Thread.currentThread().isInterrupted()) {
            Work last = waiting.pollLast();
            if (last == null) {
                break;
            }
            last.run();
        }
        if (context != null) {
            MDC.setContextMap(context);
        }
    }

    /** Mailboxes that are run one after the other, once, by the thread that is the first to run this. */
    static final class Work implements Runnable {
        private final Executor pool;
        private final AtomicReference<List<Runnable>> mailboxes;

        Work(Executor pool, List<Runnable> mailboxes) {
            this.pool = pool;
            this.mailboxes = new AtomicReference<>(mailboxes);
        }

        boolean isTaken() {
            return mailboxes.get() == null;
        }

        @Override
        public void run() {
            List<Runnable> mine = mailboxes.getAndSet(null);
            if (mine != null) {
                BurstExecutor.together(() -> runAll(mine));
            }
        }

        /** An interruption is the thread's own matter, who may be a caller: it is kept for later. A mailbox goes on in the pool. */
        private void runAll(List<Runnable> mailboxes) {
            boolean interrupted = false;
            for (Runnable mailbox : mailboxes) {
                interrupted |= run(mailbox);
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        /**
         * One actor's failure is not another's, nor the caller's: a pool's thread knows what to do.
         *
         * @return whether the thread was interrupted
         */
        private boolean run(Runnable mailbox) {
            try {
                mailbox.run();
            } catch (Throwable e) {
                if (e instanceof InterruptedException) { // thrown without being declared
                    return true;
                }
                pool.execute(() -> uncaught(e));
            }
            return false;
        }

        private static void uncaught(Throwable failure) {
            Thread thread = Thread.currentThread();
            thread.getUncaughtExceptionHandler().uncaughtException(thread, failure);
        }
    }
}
