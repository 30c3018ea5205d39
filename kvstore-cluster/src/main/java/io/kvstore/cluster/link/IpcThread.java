package io.kvstore.cluster.link;

import io.kvstore.cluster.ClusterSettings;
import io.kvstore.cluster.link.LinkMessage.RoadOffered;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.agrona.CloseHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that works all lanes of a node, and its media driver if it has one: writes what is queued, reads what has
 * come, and lets no lane wait for another.
 */
final class IpcThread {
    private static final Logger LOG = LoggerFactory.getLogger(IpcThread.class);

    private static final long LONGEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(10);

    private static final int LAST_STEPS = 100;

    /** Without lanes there is only the driver, which looks at its clock. */
    private static final long LONGEST_PAUSE_ALONE = TimeUnit.MILLISECONDS.toNanos(100);

    private final NodeId self;
    private final ClusterSettings.Road settings;
    private final IpcLane.Site site;
    private final SecureRandom random = new SecureRandom();
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final List<IpcLane> lanes = new CopyOnWriteArrayList<>(); // changed by the thread alone
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final Thread thread = new Thread(this::run, "kvstore-ipc");
    private final Backoff backoff = new Backoff(thread);
    private IpcDriver driver; // null: not needed yet
    private volatile boolean closing;

    IpcThread(NodeId self, ClusterSettings.Road settings, IpcLane.Site site) {
        this.self = self;
        this.settings = settings;
        this.site = site;
        thread.setDaemon(true);
    }

    /** Something was queued. */
    void wake() {
        backoff.wake();
    }

    /** Returns false after the end; the thread starts with the first task. */
    private synchronized boolean later(Runnable task) {
        if (closing) {
            return false;
        }
        tasks.add(task);
        if (thread.getState() == Thread.State.NEW) {
            thread.start();
        }
        wake();
        return true;
    }

    /** Makes an end of a lane for a worker; {@code answer} is what to tell it. Fails if this node can offer none. */
    CompletionStage<RoadOffered> offer(NodeId worker) {
        CompletableFuture<RoadOffered> answer = new CompletableFuture<>();
        boolean runs = later(() -> {
            try {
                closeLanes(worker);
                answer.complete(offerNow(worker));
            } catch (IOException | RuntimeException | LinkageError e) { // the last: without --add-opens
                answer.completeExceptionally(e);
            }
        });
        if (!runs) {
            answer.completeExceptionally(new IllegalStateException(self + " ends"));
        }
        return answer;
    }

    private RoadOffered offerNow(NodeId worker) throws IOException {
        if (driver == null) {
            driver = IpcDriver.launch(self, settings, site.termBytes());
        }
        driver.requireRoom(site.frameBytes());
        RoadOffered offer =
                new RoadOffered(self, worker, driver.directory().toString(), driver.nextStreams(), Token.fresh(random));
        lanes.add(IpcLane.offered(offer, driver, site));
        return offer;
    }

    /** Works a lane from now on. */
    void add(IpcLane lane) {
        if (!later(() -> lanes.add(lane))) {
            lane.close();
        }
    }

    /** Closes the lane to a peer. */
    void forget(NodeId peer) {
        later(() -> closeLanes(peer));
    }

    int lanes() {
        return lanes.size();
    }

    private void closeLanes(NodeId peer) {
        for (IpcLane lane : lanes) {
            if (lane.peer().equals(peer)) {
                close(lane);
            }
        }
    }

    private void close(IpcLane lane) {
        lanes.remove(lane);
        lane.close();
    }

    private void run() {
        TimerSlack.least();
        try {
            while (!closing) {
                Work work = step();
                if (work == Work.NOTHING && backoff.fallAsleep()) {
                    work = step();
                }
                if (work == Work.NOTHING) {
                    backoff.pause(lanes.isEmpty() ? LONGEST_PAUSE_ALONE : LONGEST_PAUSE);
                } else {
                    backoff.worked(work);
                }
            }
        } catch (RuntimeException | Error e) {
            LOG.error("{}: there is no road through memory any more", self, e);
        } finally {
            close();
            runTasks();
            lanes.forEach(this::close);
            closeDriver();
            ended.complete(null);
        }
    }

    /** Workers hear that their lanes are closed, and need not wait until they take the driver for dead. */
    private void closeDriver() {
        for (int i = 0; driver != null && i < LAST_STEPS && driver.work() > 0; i++) {
            Thread.onSpinWait();
        }
        CloseHelper.quietClose(driver);
    }

    private Work runTasks() {
        Work done = Work.NOTHING;
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
            done = Work.ARRIVED;
        }
        return done;
    }

    /** Returns the most that was done for others; what the driver does for itself, again and again, is not. */
    private Work step() {
        workDriver();
        Work most = runTasks();
        for (IpcLane lane : lanes) {
            Work work = work(lane);
            if (work == Work.ENDED) {
                close(lane);
            } else if (work.compareTo(most) > 0) {
                most = work;
            }
        }
        return most;
    }

    private void workDriver() {
        if (driver != null && driver.isClosed()) {
            LOG.info("{}: the media driver ends, for this process was away for too long", self);
            CloseHelper.quietClose(driver);
            driver = null;
        }
        if (driver != null) {
            driver.work();
        }
    }

    private Work work(IpcLane lane) {
        try {
            return lane.work();
        } catch (RuntimeException e) {
            LOG.error("{}: the road through memory to {} ends", self, lane.peer(), e);
            return Work.ENDED;
        }
    }

    /** Ends the thread, the lanes and the driver. */
    synchronized CompletionStage<Void> close() {
        closing = true;
        if (thread.getState() == Thread.State.NEW) {
            ended.complete(null);
        }
        wake();
        return ended;
    }
}
