package io.kvstore.cluster.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.cluster.ServerAddress;
import io.kvstore.cluster.TestConfig;
import io.kvstore.cluster.command.Finding.Level;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code doctor} makes of what it finds. */
class ChecksTest {
    private static final long GIB = 1L << 30;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"17, 4, OK", "21, 4, OK", "16, 4, FAIL", "17, 0, WARN"})
    void javaIsNewEnoughAndHasAHeap(String version, long gibibytes, Level level) {
        Finding finding = MachineChecks.java(Runtime.Version.parse(version), gibibytes * GIB);
        assertThat(finding.level()).isEqualTo(level);
        assertThat(finding.remedy().isEmpty()).isEqualTo(level == Level.OK);
    }

    @Test
    void manyOpenMpThreadsAreAWarningWithTheRemedy() {
        assertThat(MachineChecks.threads(8, "1")).isEqualTo(Finding.ok("threads", "8 processors, OMP_NUM_THREADS 1"));
        for (String omp : new String[] {null, "8", ""}) {
            assertThat(MachineChecks.threads(1, omp).level()).isEqualTo(Level.WARN);
            assertThat(MachineChecks.threads(1, omp).toString()).contains("-> export OMP_NUM_THREADS=1");
        }
    }

    @Test
    void sharedMemoryThatIsNotThereIsAWarning() {
        assertThat(MachineChecks.sharedMemory(folder.resolve("none")).level()).isEqualTo(Level.WARN);
        assertThat(MachineChecks.sharedMemory(folder).level()).isEqualTo(Level.OK);
    }

    @Test
    void clocksApartAreAWarning() {
        ServerAddress server = ServerAddress.parse("a:1");
        assertThat(NetworkChecks.clock(server, 2000).level()).isEqualTo(Level.OK);
        assertThat(NetworkChecks.clock(server, -2001).level()).isEqualTo(Level.WARN);
        assertThat(NetworkChecks.clock(server, -2001).found()).contains("2001 ms behind");
    }

    @Test
    void certificatesAreCheckedForTheirEnd() throws Exception {
        Path keys = certificate(20);
        Instant now = Instant.now();

        assertThat(TlsChecks.store(keys.toString(), "secret", now).level()).isEqualTo(Level.WARN);
        assertThat(TlsChecks.store(keys.toString(), "secret", now.minus(Duration.ofDays(30)))
                        .level())
                .isEqualTo(Level.OK);
        assertThat(TlsChecks.store(keys.toString(), "secret", now.plus(Duration.ofDays(30)))
                        .level())
                .isEqualTo(Level.FAIL);
        assertThat(TlsChecks.store(keys.toString(), "wrong", now).level()).isEqualTo(Level.FAIL);
        assertThat(TlsChecks.store(folder.resolve("none").toString(), "secret", now)
                        .found())
                .contains("none");
    }

    @Test
    void tlsIsCheckedOnlyWhereItIsOn() throws Exception {
        assertThat(TlsChecks.of(TestConfig.load(""))).extracting(Finding::level).containsExactly(Level.OK);

        String keys = certificate(365).toString();
        String on = """
                akka.remote.artery {
                  transport = tls-tcp
                  ssl.config-ssl-engine {
                    key-store = "%1$s", key-store-password = secret
                    trust-store = "%1$s", trust-store-password = secret
                  }
                }
                """.formatted(keys);
        assertThat(TlsChecks.of(TestConfig.load(on)))
                .extracting(Finding::level)
                .containsExactly(Level.OK, Level.OK, Level.OK);
        String oneSided = on + "akka.remote.artery.ssl.config-ssl-engine.require-mutual-authentication = off";
        assertThat(TlsChecks.of(TestConfig.load(oneSided)).get(0).level()).isEqualTo(Level.FAIL);
    }

    private Path certificate(int days) throws IOException, InterruptedException {
        Path file = folder.resolve("keys-" + days + ".p12");
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        Process process = new ProcessBuilder(List.of(
                        keytool,
                        "-genkeypair",
                        "-alias",
                        "node",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=test",
                        "-validity",
                        Integer.toString(days),
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        "secret"))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("keytool.log").toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue())
                .as(Files.readString(folder.resolve("keytool.log")))
                .isZero();
        return file;
    }
}
