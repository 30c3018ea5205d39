package io.kvstore.cluster.link;

import io.kvstore.cluster.ClusterSettings;
import io.kvstore.cluster.ClusterSettings.RoadKind;
import io.kvstore.cluster.link.LinkMessage.Frame;
import io.kvstore.cluster.link.LinkMessage.RoadOffered;
import io.kvstore.cluster.link.LinkMessage.RoadRefused;
import io.kvstore.cluster.link.LinkMessage.RoadWanted;
import io.kvstore.tensor.BufferPool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All roads of a node: Artery's, which goes everywhere, and for peers on the same machine one through memory, by the media
 * driver of the server. A worker asks for it when it sends a frame; while there is none, and when one breaks, everything goes
 * by Artery. A message has one road; which of two messages comes first is not said.
 *
 * <pre>
 *   worker                       server
 *     RoadWanted(machine)  ─────►                     by Artery
 *                          ◄───── RoadOffered(directory, stream, token)
 *     RoadTaken(token)     ═════►                     through memory
 *                          ◄═════ RoadTaken(token)
 * </pre>
 */
final class Roads implements Link {
    private static final Logger LOG = LoggerFactory.getLogger(Roads.class);

    /** In bytes: some slices of the default size, so that a reader that waits for a processor does not stop the writer at once. */
    static final long MEMORY_WINDOW = 4 * 1024 * 1024;

    private static final long ASK_AGAIN = TimeUnit.SECONDS.toNanos(2);
    private static final long TO_TAKE = TimeUnit.SECONDS.toNanos(10); // an offer
    private static final long AFTER_REFUSAL = TimeUnit.SECONDS.toNanos(60);

    /** What a node's roads need of it. */
    interface Node extends Executor {
        /** Whether it is a server. */
        boolean serves();

        /** Takes what has come. */
        void arrived(LinkMessage message);
    }

    private final NodeId self;
    private final Link artery;
    private final boolean allowed;
    private final Node node;
    private final IpcLane.Site site;
    private final Map<NodeId, IpcLane> lanes = new ConcurrentHashMap<>();
    private final Map<NodeId, Long> asks = new ConcurrentHashMap<>(); // when to ask next
    private final IpcThread memory;

    /**
     * @param encrypted whether Artery's road is
     * @param frameBytes of the largest frame
     */
    Roads(
            NodeId self,
            Link artery,
            ClusterSettings.Road settings,
            boolean encrypted,
            BufferPool pool,
            int frameBytes,
            Node node) {
        this.self = self;
        this.artery = artery;
        this.allowed = settings.kind() == RoadKind.AERON_IPC || (settings.kind() == RoadKind.AUTO && !encrypted);
        this.node = node;
        int termBytes = IpcDriver.termBytes(settings, frameBytes);
        this.site = new IpcLane.Site(pool, frameBytes, termBytes, new Lanes(), this::wake);
        this.memory = new IpcThread(self, settings, site);
    }

    @Override
    public void send(LinkMessage message) {
        IpcLane lane = lanes.get(message.to());
        if (lane != null && lane.send(message)) {
            return;
        }
        artery.send(message);
        if (message instanceof Frame
                && allowed
                && !node.serves()
                && !message.to().equals(self)) {
            ask(message.to());
        }
    }

    /** Through memory less, so that what one writes is still in the cache when the other reads it. */
    @Override
    public long window(NodeId peer, long limit) {
        return lanes.containsKey(peer) ? Math.min(limit, MEMORY_WINDOW) : limit;
    }

    private void ask(NodeId peer) {
        long now = System.nanoTime();
        Long due = asks.get(peer);
        if (due == null || now - due >= 0) {
            asks.put(peer, now + ASK_AGAIN);
            artery.send(new RoadWanted(self, peer, Machine.identity()));
        }
    }

    @Override
    public void negotiate(LinkMessage.OfRoads message) {
        if (message instanceof RoadWanted wanted) {
            onWanted(wanted);
        } else if (message instanceof RoadOffered offer && asks.containsKey(offer.from())) {
            onOffered(offer);
        } else if (message instanceof RoadRefused refused) {
            refused(refused.from(), refused.why());
        }
    }

    private void onWanted(RoadWanted wanted) {
        NodeId worker = wanted.from();
        String machine = Machine.identity();
        if (!allowed || !node.serves()) {
            refuse(worker, "its settings do not allow it");
        } else if (machine.isEmpty() || !machine.equals(wanted.host())) {
            refuse(worker, "it runs on another machine");
        } else {
            memory.offer(worker).whenCompleteAsync((offer, failure) -> answer(worker, offer, failure), node);
        }
    }

    private void answer(NodeId worker, RoadOffered offer, Throwable failure) {
        if (failure == null) {
            artery.send(offer);
        } else {
            LOG.warn("{} can offer {} no road through memory: {}", self, worker, failure.toString());
            refuse(worker, "it can offer no road through memory: " + failure.getMessage());
        }
    }

    private void refuse(NodeId worker, String why) {
        artery.send(new RoadRefused(self, worker, why));
    }

    private void refused(NodeId server, String why) {
        LOG.info("{} sends to {} by Artery: {}", self, server, why);
        askAfter(server, AFTER_REFUSAL);
    }

    private void askAfter(NodeId server, long nanos) {
        asks.computeIfPresent(server, (peer, due) -> System.nanoTime() + nanos);
    }

    /** Making the streams takes time; neither the endpoint nor other lanes wait for it. */
    private void onOffered(RoadOffered offer) {
        askAfter(offer.from(), TO_TAKE); // another offer would end this one
        CompletableFuture.supplyAsync(() -> take(offer), Roads::onThreadOfItsOwn)
                .whenCompleteAsync(
                        (lane, failure) -> {
                            if (failure == null) {
                                memory.add(lane);
                            } else {
                                refused(offer.from(), "it cannot use the road through memory: " + failure.getMessage());
                            }
                        },
                        node);
    }

    private static void onThreadOfItsOwn(Runnable task) {
        Thread thread = new Thread(task, "kvstore-ipc-connect");
        thread.setDaemon(true);
        thread.start();
    }

    private IpcLane take(RoadOffered offer) {
        try {
            return IpcLane.taken(offer, site);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void wake() {
        memory.wake();
    }

    /** Peers to which everything goes through memory now. */
    Set<NodeId> throughMemory() {
        return Set.copyOf(lanes.keySet());
    }

    /** Lanes that are there, in use or not yet. */
    int lanes() {
        return memory.lanes();
    }

    @Override
    public void forget(NodeId peer) {
        artery.forget(peer);
        asks.remove(peer);
        if (lanes.remove(peer) != null) {
            memory.forget(peer);
        }
    }

    /** Ends the road through memory; everything goes by Artery then. The stage is complete when nothing of it is left. */
    CompletionStage<Void> close() {
        return memory.close();
    }

    /** What lanes tell, on their thread. */
    private final class Lanes implements IpcLane.Events {
        @Override
        public void arrived(LinkMessage message) {
            node.arrived(message);
        }

        @Override
        public void up(IpcLane lane) {
            LOG.info("{} sends to {} through memory", self, lane.peer());
            lanes.put(lane.peer(), lane);
        }

        @Override
        public void down(IpcLane lane, List<LinkMessage> left) {
            if (lanes.remove(lane.peer(), lane)) {
                LOG.info("{} sends to {} by Artery again", self, lane.peer());
                askAfter(lane.peer(), 0);
                node.execute(() -> left.forEach(artery::send));
            }
        }
    }
}
