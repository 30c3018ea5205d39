package io.kvstore.cluster;

import static io.kvstore.cluster.Checks.choice;
import static io.kvstore.cluster.Checks.invalid;
import static io.kvstore.cluster.Checks.positive;
import static io.kvstore.cluster.Checks.within;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import java.time.Duration;
import java.util.Optional;

/**
 * The settings of a store over many JVMs, read once from the {@code kvstore} section of a configuration; reference.conf
 * says what each is for, and which environment variable sets it.
 *
 * @param job which training this process belongs to
 * @param sliceBytes the most bytes of a value that one key actor holds
 * @param shards over how many shards the parts of keys are hashed
 * @param protocolVersion of servers and workers that understand each other
 * @param rounds how pushes of several workers become one
 * @param p3 whether requests of high priority overtake others on the wire
 * @param sessionTimeout silence after which a worker or a node is dead
 * @param heartbeatInterval how often workers and the coordinator tell each other that they are there
 * @param windowBytes the most bytes on their way to one node
 * @param resendAfter a frame without acknowledgement for so long counts as lost
 * @param road which way frames take
 * @param server a server of the command line
 * @param worker a worker that starts its own actor system
 */
public record ClusterSettings(
        JobSettings job,
        int sliceBytes,
        int shards,
        int protocolVersion,
        Rounds rounds,
        boolean p3,
        Duration sessionTimeout,
        Duration heartbeatInterval,
        long windowBytes,
        Duration resendAfter,
        Road road,
        Server server,
        Worker worker) {

    /** Room in a frame for what is not a slice's elements: keys, shapes, row ids of a last row, addresses. */
    public static final int FRAME_HEADROOM = 64 * 1024;

    private static final int LEAST_SLICE = 8; // one element of the widest type
    private static final int MOST_SLICE = 64 * 1024 * 1024;
    private static final int MOST_SHARDS = 1 << 16;
    private static final int LAST_PORT = 65535;
    private static final int LEAST_TERM = 64 * 1024; // Aeron's limits
    private static final int MOST_TERM = 1024 * 1024 * 1024;

    public ClusterSettings {
        within("slice-bytes", sliceBytes, LEAST_SLICE, MOST_SLICE);
        within("number-of-shards", shards, 1, MOST_SHARDS);
        within("window-bytes", windowBytes, 1, Long.MAX_VALUE);
        positive("link.resend-after", resendAfter);
        positive("heartbeat-interval", heartbeatInterval);
        if (sessionTimeout.compareTo(heartbeatInterval.multipliedBy(3)) < 0) {
            throw invalid("session-timeout", "at least three times heartbeat-interval", sessionTimeout);
        }
    }

    /** How pushes of several workers become one. */
    public record Rounds(Order order, WorkerLoss onWorkerLoss) {}

    /** In which order the pushes of a round are added. */
    public enum Order {
        /** By rank: equal pushes give equal bits. */
        WORKER,
        /** As they come. */
        ARRIVAL
    }

    /** What becomes of the round that a dead worker left open. */
    public enum WorkerLoss {
        /** It closes with the workers left. */
        CONTINUE,
        /** All its pushes are dropped, and its calls end with an error. */
        FAIL
    }

    /**
     * Which way frames take between nodes.
     *
     * @param kind the choice
     * @param directory where servers make theirs for memory shared with workers; empty for the default
     * @param termBytes of the buffers in that memory, at least
     */
    public record Road(RoadKind kind, Optional<String> directory, int termBytes) {
        public Road {
            within("link.ipc.term-bytes", termBytes, LEAST_TERM, MOST_TERM);
        }
    }

    /** The ways that frames can take. */
    public enum RoadKind {
        /** Memory between processes of one machine, if both can and there is no TLS; else Artery. */
        AUTO,
        /** Akka's remoting. */
        ARTERY,
        /** As {@link #AUTO}, with TLS too. */
        AERON_IPC
    }

    /**
     * A server of the command line.
     *
     * @param host where it listens
     * @param port 0 for any free one
     * @param insecure whether it may listen beyond this machine without TLS
     * @param force whether it may leave with keys in it
     * @param joinTimeout how long it tries to join the seed nodes
     */
    public record Server(String host, int port, boolean insecure, boolean force, Duration joinTimeout) {
        public Server {
            within("server.port", port, 0, LAST_PORT);
            positive("server.join-timeout", joinTimeout);
        }
    }

    /**
     * A worker that starts its own actor system.
     *
     * @param host where servers answer to; empty for the address from which the first seed node is reached
     * @param port 0 for any free one
     * @param join whether it becomes a member of the servers' cluster
     */
    public record Worker(Optional<String> host, int port, Join join) {
        public Worker {
            within("worker.port", port, 0, LAST_PORT);
        }
    }

    /** A worker's tie to the servers' cluster. */
    public enum Join {
        /** It only talks to servers. */
        CLIENT,
        /** It is a member, with the role {@link ClusterConfig#WORKER_ROLE}. */
        MEMBER
    }

    /** The largest frame that servers and workers exchange, in bytes. */
    public int maximumFrameBytes() {
        return sliceBytes + FRAME_HEADROOM;
    }

    /** Reads the {@code kvstore} section. @throws KVStoreException naming a setting that is missing or out of range */
    public static ClusterSettings of(Config config) {
        try {
            Config section = config.getConfig("kvstore");
            return new ClusterSettings(
                    JobSettings.of(section),
                    (int) Math.min(Integer.MAX_VALUE, section.getBytes("slice-bytes")),
                    section.getInt("number-of-shards"),
                    section.getInt("protocol-version"),
                    new Rounds(
                            choice(section, "rounds.order", Order.class),
                            choice(section, "rounds.on-worker-loss", WorkerLoss.class)),
                    section.getBoolean("p3"),
                    section.getDuration("session-timeout"),
                    section.getDuration("heartbeat-interval"),
                    section.getBytes("window-bytes"),
                    section.getDuration("link.resend-after"),
                    new Road(
                            choice(section, "link.road", RoadKind.class),
                            Optional.of(section.getString("link.ipc.directory")).filter(path -> !path.isEmpty()),
                            (int) Math.min(Integer.MAX_VALUE, section.getBytes("link.ipc.term-bytes"))),
                    new Server(
                            section.getString("server.host"),
                            section.getInt("server.port"),
                            section.getBoolean("server.insecure"),
                            section.getBoolean("server.force"),
                            section.getDuration("server.join-timeout")),
                    new Worker(
                            Optional.of(section.getString("worker.host")).filter(host -> !host.equals("auto")),
                            section.getInt("worker.port"),
                            choice(section, "worker.join", Join.class)));
        } catch (ConfigException e) {
            throw new KVStoreException(
                    Reason.INVALID_CONFIGURATION, null, "a kvstore setting is unusable: " + e.getMessage(), e);
        }
    }
}
