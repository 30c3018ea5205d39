package io.kvstore.cluster.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.cluster.ServerAddress;
import io.kvstore.cluster.TestConfig;
import io.kvstore.cluster.command.Finding.Level;
import io.kvstore.cluster.link.Certificates;
import io.kvstore.cuda.Cuda;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code doctor} makes of what it finds. */
class ChecksTest {
    private static final long GIB = 1L << 30;

    @TempDir
    private static Path folder;

    private static String keys;

    @BeforeAll
    static void makeCertificate() throws Exception {
        keys = new Certificates(folder).node("node").toString();
    }

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
    void aGpuThatIsMissedIsAWarningAndOneThatNobodyAskedForIsNot() {
        Cuda.Found none = new Cuda.Found(null, "no driver here");
        assertThat(MachineChecks.gpus(none, true)).singleElement().satisfies(finding -> {
            assertThat(finding.level()).isEqualTo(Level.WARN);
            assertThat(finding.toString()).contains("no driver here", "-> until then", "on the host");
        });
        assertThat(MachineChecks.gpus(none, false))
                .containsExactly(Finding.ok("gpu", "none, and none is asked for: no driver here"));
    }

    @Test
    void sharedMemoryThatIsNotThereIsAWarning() {
        assertThat(MachineChecks.sharedMemory(folder.resolve("none"), 1).level())
                .isEqualTo(Level.WARN);
        assertThat(MachineChecks.sharedMemory(folder, 1).level()).isEqualTo(Level.OK);
    }

    @Test
    void tooLittleSharedMemoryIsAWarningWithTheRemedy() {
        Finding finding = MachineChecks.sharedMemory(folder, Long.MAX_VALUE);
        assertThat(finding.level()).isEqualTo(Level.WARN);
        assertThat(finding.found()).contains("free", "take 8.0 EiB");
        assertThat(finding.remedy()).contains("go by Artery", "--shm-size");
    }

    @Test
    void clocksApartAreAWarning() {
        ServerAddress server = ServerAddress.parse("a:1");
        assertThat(NetworkChecks.clock(server, 2000).level()).isEqualTo(Level.OK);
        assertThat(NetworkChecks.clock(server, -2001).level()).isEqualTo(Level.WARN);
        assertThat(NetworkChecks.clock(server, -2001).found()).contains("2001 ms behind");
    }

    @Test
    void certificatesAreCheckedForTheirEnd() {
        Instant now = Instant.now(); // keytool's certificates count for 90 days

        assertThat(store(keys, Certificates.PASSWORD, now)).isEqualTo(Level.OK);
        assertThat(store(keys, Certificates.PASSWORD, now.plus(Duration.ofDays(70))))
                .isEqualTo(Level.WARN);
        assertThat(store(keys, Certificates.PASSWORD, now.plus(Duration.ofDays(100))))
                .isEqualTo(Level.FAIL);
        assertThat(store(keys, "wrong", now)).isEqualTo(Level.FAIL);
        assertThat(store(folder.resolve("none").toString(), Certificates.PASSWORD, now))
                .isEqualTo(Level.FAIL);
    }

    private static Level store(String file, String password, Instant now) {
        Finding finding = TlsChecks.store(file, password, now);
        assertThat(finding.found()).contains(file);
        return finding.level();
    }

    @Test
    void tlsIsCheckedOnlyWhereItIsOn() {
        assertThat(TlsChecks.of(TestConfig.load(""))).extracting(Finding::level).containsExactly(Level.OK);

        String on = """
                akka.remote.artery {
                  transport = tls-tcp
                  ssl.config-ssl-engine {
                    key-store = "%1$s", key-store-password = "%2$s"
                    trust-store = "%1$s", trust-store-password = "%2$s"
                  }
                }
                """.formatted(keys, Certificates.PASSWORD);
        assertThat(TlsChecks.of(TestConfig.load(on)))
                .extracting(Finding::level)
                .containsExactly(Level.OK, Level.OK, Level.OK);
        String oneSided = on + "akka.remote.artery.ssl.config-ssl-engine.require-mutual-authentication = off";
        assertThat(TlsChecks.of(TestConfig.load(oneSided)).get(0).level()).isEqualTo(Level.FAIL);
    }
}
