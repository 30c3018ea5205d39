package io.kvstore.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import io.kvstore.KVStore;
import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsFilesTest {

    private static Config tls(Path keyStore, String more) {
        return TestConfig.load(String.format("""
                akka.remote.artery { transport = tls-tcp, ssl.config-ssl-engine.key-store = "%s" }
                kvstore { seed-nodes = ["127.0.0.1:1"], workers = 1 }
                %s
                """, keyStore, more));
    }

    @Test
    void aWorkerWithoutItsFilesIsRefusedBeforeItConnects(@TempDir Path folder) {
        Path missing = folder.resolve("node.p12");

        assertThatThrownBy(() -> KVStore.builder()
                        .type("dist_sync")
                        .config(tls(missing, ""))
                        .build())
                .isInstanceOfSatisfying(
                        KVStoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID_CONFIGURATION))
                .hasMessageContainingAll("TLS is on", "key-store " + missing, "conf/tls.conf");
    }

    @Test
    void aFileThatIsNoKeyStoreIsRefused(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("node.p12"), "no key");

        assertThatThrownBy(() -> TlsFiles.requireReadable(tls(file, "")))
                .isInstanceOf(KVStoreException.class)
                .hasMessageContaining(file + " cannot be read");
    }

    @Test
    void withoutTlsAndWithAnEngineOfTheUsersNoFileIsRead(@TempDir Path folder) {
        Path missing = folder.resolve("node.p12");

        assertThatCode(() -> {
                    TlsFiles.requireReadable(tls(missing, "akka.remote.artery.transport = tcp"));
                    TlsFiles.requireReadable(tls(missing, "akka.remote.artery.ssl.ssl-engine-provider = my.Engines"));
                })
                .doesNotThrowAnyException();
    }
}
