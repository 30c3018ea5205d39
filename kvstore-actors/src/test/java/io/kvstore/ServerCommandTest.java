package io.kvstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.factory.Nd4j;

class ServerCommandTest {
    private static KVStoreException failureOf(Runnable call) {
        try {
            call.run();
        } catch (KVStoreException e) {
            return e;
        }
        throw new AssertionError("the call was expected to fail");
    }

    @Test
    void commandReachesTheControllerExactlyOnceBeforeTheCallReturns() {
        List<String> seen = new CopyOnWriteArrayList<>();
        try (KVStore kv = KVStore.builder()
                .controller((head, body) -> seen.add(head + ":" + body))
                .build()) {
            kv.sendCommandToServers(7, "hello");
            assertThat(seen).containsExactly("7:hello");
        }
    }

    @Test
    void commandWithoutControllerReturnsAtOnce() {
        try (KVStore kv = KVStore.create()) {
            kv.sendCommandToServers(0, "");
            kv.setBarrierBeforeExit(false);
            assertThat(kv.numDeadNodes(7)).isZero();
        }
    }

    @Test
    void aRegisteredControllerWithoutItsClassIsRefusedByName(@TempDir Path folder) throws IOException {
        Path services = Files.createDirectories(folder.resolve("META-INF/services"));
        Files.writeString(services.resolve(ServerController.class.getName()), "no.such.Controller");
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.toUri().toURL()}, before)) {
            Thread.currentThread().setContextClassLoader(loader);

            KVStoreException failure = failureOf(ServerController::registered);

            assertThat(failure.reason()).isEqualTo(Reason.INVALID_CONFIGURATION);
            assertThat(failure).hasMessageContaining("no.such.Controller");
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    @Test
    void throwingControllerIsReportedAndTheStoreGoesOn() {
        try (KVStore kv = KVStore.builder()
                .controller((head, body) -> {
                    throw new IllegalStateException("no such thing");
                })
                .build()) {
            KVStoreException failure = failureOf(() -> kv.sendCommandToServers(3, "x"));
            assertThat(failure.reason()).isEqualTo(Reason.CONTROLLER_FAILED);
            assertThat(failure).hasMessageContaining("command 3").hasMessageContaining("no such thing");
            kv.init("w", Nd4j.ones(2));
            assertThat(kv.pull("w").getFloat(1)).isEqualTo(1f);
        }
    }

    @Test
    void blockingCallInsideAControllerIsRefused() {
        KVStore[] store = new KVStore[1];
        try (KVStore kv =
                KVStore.builder().controller((head, body) -> store[0].barrier()).build()) {
            store[0] = kv;
            assertThatThrownBy(() -> kv.sendCommandToServers(1, ""))
                    .hasRootCauseInstanceOf(KVStoreException.class)
                    .hasMessageContaining("own threads");
        }
    }

    @Test
    void unknownGroupIsRefused() {
        try (KVStore kv = KVStore.create()) {
            assertThat(failureOf(() -> kv.numDeadNodes(8))).hasMessageContaining("given 8");
        }
    }
}
