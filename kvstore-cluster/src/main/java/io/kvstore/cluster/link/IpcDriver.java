package io.kvstore.cluster.link;

import io.aeron.Aeron;
import io.aeron.CommonContext;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.kvstore.cluster.ClusterSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.agrona.CloseHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server's media driver, with memory that only processes of the same user can reach, and this node's client of it. Has no
 * thread of its own: {@link #work} is called by one.
 */
final class IpcDriver implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(IpcDriver.class);

    /** After so long without a sign the driver takes a client for dead, and a client the driver. */
    static final long ALIVE_MILLIS = 4000;

    private static final int TERMS = 3;
    private static final int LOG_HEADER = 4096;

    /** Besides the logs: the driver's own files, and some air. */
    private static final long SPARE = 16L << 20;

    private static final int COMMANDS = 128 * 1024 + 768;
    private static final int EVENTS = 128 * 1024 + 128;
    private static final int COUNTERS = 256 * 1024;
    private static final int ERRORS = 64 * 1024;

    private final Path directory;
    private final int termBytes;
    private final MediaDriver driver;
    private final Aeron aeron;
    private int streams;

    private IpcDriver(Path directory, int termBytes, MediaDriver driver, Aeron aeron) {
        this.directory = directory;
        this.termBytes = termBytes;
        this.driver = driver;
        this.aeron = aeron;
    }

    /** @throws IOException if its directory cannot be made, or is not private */
    static IpcDriver launch(NodeId self, ClusterSettings.Road settings, int termBytes) throws IOException {
        Path home = settings.directory().map(Path::of).orElseGet(IpcDirectory::home);
        Path directory = IpcDirectory.create(home, self);
        MediaDriver driver = MediaDriver.launch(context(directory));
        try {
            Aeron aeron = Aeron.connect(client(directory).driverAgentInvoker(driver.sharedAgentInvoker()));
            return new IpcDriver(directory, termBytes, driver, aeron);
        } catch (RuntimeException e) {
            driver.close();
            throw e;
        }
    }

    private static MediaDriver.Context context(Path directory) {
        return new MediaDriver.Context()
                .aeronDirectoryName(directory.toString())
                .dirDeleteOnStart(true)
                .warnIfDirectoryExists(false)
                .dirDeleteOnShutdown(true)
                .threadingMode(ThreadingMode.INVOKER)
                .clientLivenessTimeoutNs(TimeUnit.MILLISECONDS.toNanos(ALIVE_MILLIS))
                .termBufferSparseFile(
                        false) // a full file system must refuse a log, not end the JVM that writes into it
                .performStorageChecks(true)
                .lowStorageWarningThreshold(0)
                .conductorBufferLength(COMMANDS)
                .toClientsBufferLength(EVENTS)
                .counterValuesBufferLength(COUNTERS)
                .errorBufferLength(ERRORS)
                .lossReportBufferLength(ERRORS)
                .errorHandler(e -> LOG.warn("media driver at {}: {}", directory, e.toString()));
    }

    /** A client that whoever has it calls into, without a thread of its own. */
    static Aeron.Context client(Path directory) {
        return new Aeron.Context()
                .aeronDirectoryName(directory.toString())
                .useConductorAgentInvoker(true)
                .driverTimeoutMs(ALIVE_MILLIS)
                .errorHandler(e -> LOG.info("client of the media driver at {}: {}", directory, e.toString()));
    }

    /**
     * The term length for messages up to {@code frameBytes}. Of half a term, seven eighths are sure to be free for writing
     * once all was read: room for a message, and for a gap of its size before it.
     */
    static int termBytes(ClusterSettings.Road settings, int frameBytes) {
        int message = Math.max(IpcFormat.MTU, IpcFormat.framed(IpcFormat.align(frameBytes)));
        int least = Math.max(settings.termBytes(), 8 * message);
        return Integer.highestOneBit(least - 1) << 1;
    }

    /** What two streams and their rings need to be free, in bytes. */
    static long roadBytes(int termBytes, int frameBytes) {
        long ring = IpcRing.fileBytes(IpcRing.capacity(frameBytes));
        return 2 * ((long) TERMS * termBytes + LOG_HEADER + ring) + SPARE;
    }

    /** The ring of a stream's elements, in the directory of the stream's driver. */
    static Path ring(Path directory, int stream) {
        return directory.resolve("elements-" + stream);
    }

    static String channel(int termBytes) {
        return CommonContext.IPC_CHANNEL + "?term-length=" + termBytes + "|mtu=" + IpcFormat.MTU;
    }

    /** @throws IOException if the file system has too little room for one more peer */
    void requireRoom(int frameBytes) throws IOException {
        long free = Files.getFileStore(directory).getUsableSpace();
        long needed = roadBytes(termBytes, frameBytes);
        if (free < needed) {
            throw new IOException(
                    "the file system of " + directory + " has " + (free >> 20) + " MiB free, a peer needs "
                            + (needed >> 20)
                            + " MiB; enlarge it (containers: --shm-size), or set kvstore.link.ipc.term-bytes or"
                            + " kvstore.link.ipc.directory");
        }
    }

    Aeron aeron() {
        return aeron;
    }

    Path directory() {
        return directory;
    }

    int termBytes() {
        return termBytes;
    }

    /** The first of two stream numbers that nobody has had. */
    int nextStreams() {
        streams += 2;
        return streams;
    }

    /** Does what is due. Returns how much there was. */
    int work() {
        return driver.sharedAgentInvoker().invoke()
                + aeron.conductorAgentInvoker().invoke();
    }

    /** Whether this process was paused for so long that its own client counts as dead. */
    boolean isClosed() {
        return aeron.isClosed() || driver.sharedAgentInvoker().isClosed();
    }

    /** Ends both and removes the directory. */
    @Override
    public void close() {
        CloseHelper.quietCloseAll(aeron, driver);
    }
}
