package io.kvstore.cluster.link;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How much later than it asked for Linux may wake a thread, so that several are woken together: 50 us if nobody says otherwise. */
final class TimerSlack {
    private static final Logger LOG = LoggerFactory.getLogger(TimerSlack.class);

    private static final Path PROC = Path.of("/proc");
    private static final String NONE = "1"; // ns; 0 means the default

    private TimerSlack() {}

    /** Has the calling thread woken when it asked for it, if the system lets it; see {@code timerslack_ns} in proc(5). */
    static void least() {
        try {
            Path thread = Files.readSymbolicLink(PROC.resolve("thread-self")).getFileName();
            Files.writeString(PROC.resolve(thread).resolve("timerslack_ns"), NONE, StandardOpenOption.WRITE);
        } catch (IOException | UnsupportedOperationException e) {
            LOG.debug("short sleeps take longer than they need: {}", e.toString());
        }
    }
}
