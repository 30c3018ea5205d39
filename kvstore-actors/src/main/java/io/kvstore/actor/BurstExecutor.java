package io.kvstore.actor;

import akka.dispatch.DispatcherPrerequisites;
import akka.dispatch.ExecutorServiceConfigurator;
import akka.dispatch.ExecutorServiceFactory;
import akka.dispatch.ForkJoinExecutorConfigurator;
import com.typesafe.config.Config;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * A dispatcher's fork-join pool to which a thread can hand many actors at once: those to which it sends messages within
 * {@link #together} are handed over some at a time. The messages are in their mailboxes as soon as they are told, in the
 * order in which they are told; only that they are there is said a little later.
 *
 * <p>Waking the pool costs more than adding to a small parameter; so a call on many of them wakes it once for
 * {@value #BURST}, and these answer together as well. None of them may wait for another. A caller that waits may do some of it;
 * see {@link Bursts}. Configured as a dispatcher's {@code executor}, with the settings of its {@code fork-join-executor}.
 */
public final class BurstExecutor extends ExecutorServiceConfigurator {
    private static final int BURST = 64;
    private static final ThreadLocal<Burst> OPEN = new ThreadLocal<>();

    private final ForkJoinExecutorConfigurator forkJoin;

    /** Called by Akka. */
    public BurstExecutor(Config config, DispatcherPrerequisites prerequisites) {
        super(config, prerequisites);
        this.forkJoin = new ForkJoinExecutorConfigurator(config.getConfig("fork-join-executor"), prerequisites);
    }

    @Override
    public ExecutorServiceFactory createExecutorServiceFactory(String id, ThreadFactory threads) {
        ExecutorServiceFactory factory = forkJoin.createExecutorServiceFactory(id, threads);
        return () -> new Pool(factory.createExecutorService());
    }

    /** Runs {@code sends}, on this thread; all that it has sent is handed over when this returns. */
    public static void together(Runnable sends) {
        together(sends, null);
    }

    /** The same. @param given notes what is handed over, for threads that want to help with it; or null */
    public static void together(Runnable sends, Bursts given) {
        if (OPEN.get() != null) {
            sends.run();
            return;
        }
        Burst burst = new Burst(given);
        OPEN.set(burst);
        try {
            sends.run();
        } finally {
            OPEN.remove();
            burst.handOver();
        }
    }

    /** Hands over what this thread has sent so far; before it waits, or when what it has sent is work for several threads. */
    public static void depart() {
        Burst burst = OPEN.get();
        if (burst != null) {
            burst.handOver();
        }
    }

    /** Mailboxes of one pool that have something new. */
    private static final class Burst {
        private final Bursts given; // or null
        private Runnable[] mailboxes = new Runnable[BURST];
        private int size;
        private ExecutorService pool;

        Burst(Bursts given) {
            this.given = given;
        }

        void add(Runnable mailbox, ExecutorService owner) {
            if (pool != owner || size == BURST) {
                handOver();
                pool = owner;
            }
            mailboxes[size++] = mailbox;
        }

        void handOver() {
            if (size == 1) {
                pool.execute(mailboxes[0]);
            } else if (size > 1) {
                Bursts.Work work =
                        new Bursts.Work(pool, Arrays.asList(mailboxes).subList(0, size));
                mailboxes = new Runnable[BURST];
                pool.execute(work);
                if (given != null) {
                    given.add(work);
                }
            }
            size = 0;
        }
    }

    private static final class Pool extends AbstractExecutorService {
        private final ExecutorService forkJoin;

        Pool(ExecutorService forkJoin) {
            this.forkJoin = forkJoin;
        }

        @Override
        public void execute(Runnable task) {
            Burst burst = OPEN.get();
            if (burst == null) {
                forkJoin.execute(task);
            } else {
                burst.add(task, forkJoin);
            }
        }

        @Override
        public void shutdown() {
            forkJoin.shutdown();
        }

        @Override
        public List<Runnable> shutdownNow() {
            return forkJoin.shutdownNow();
        }

        @Override
        public boolean isShutdown() {
            return forkJoin.isShutdown();
        }

        @Override
        public boolean isTerminated() {
            return forkJoin.isTerminated();
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
            return forkJoin.awaitTermination(timeout, unit);
        }
    }
}
