package io.kvstore.cluster.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TimerSlackTest {
    private static final Path OF_TESTS = Path.of("/proc/self/timerslack_ns"); // of the thread that began the program

    @Test
    void isOneNanosecondForTheThreadThatAsksAndUnchangedForOthers() throws Exception {
        assumeThat(OF_TESTS).exists().isWritable();
        String before = Files.readString(OF_TESTS);
        CompletableFuture<String> slack = new CompletableFuture<>();
        Thread thread = new Thread(() -> slack.completeAsync(TimerSlackTest::afterAsking, Runnable::run));
        thread.setDaemon(true);
        thread.start();

        assertThat(slack.get(10, TimeUnit.SECONDS)).isEqualTo("1");
        assertThat(OF_TESTS).hasContent(before);
    }

    private static String afterAsking() {
        TimerSlack.least();
        try {
            Path thread = Files.readSymbolicLink(Path.of("/proc/thread-self")).getFileName();
            return Files.readString(Path.of("/proc").resolve(thread).resolve("timerslack_ns"))
                    .trim();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
