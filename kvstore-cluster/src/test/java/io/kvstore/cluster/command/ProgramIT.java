package io.kvstore.cluster.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged program, {@code target/kvstore}: it finds its folder, its libraries and a Java. */
class ProgramIT {
    private static final Path PROGRAM = Path.of("target", "kvstore").toAbsolutePath();

    @TempDir
    private Path folder;

    private record Ended(int exitCode, String output) {}

    private Ended run(Map<String, String> environment, List<String> command) throws IOException, InterruptedException {
        Path output = Files.createTempFile(folder, "output", ".txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            assertThat(process.waitFor(120, TimeUnit.SECONDS))
                    .as("%s ends", command)
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new Ended(process.exitValue(), Files.readString(output));
    }

    private Ended kvstore(Path program, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(arguments));
        return run(Map.of("JAVA_HOME", System.getProperty("java.home")), command);
    }

    @Test
    void programKnowsItsVersionAndRunsThroughALinkFromAnyFolder() throws Exception {
        assertThat(PROGRAM).isExecutable();
        Path link = Files.createSymbolicLink(folder.resolve("kv"), PROGRAM);

        Ended version = kvstore(link, "--version");

        assertThat(version.exitCode()).as(version.output()).isZero();
        assertThat(version.output()).matches("kvstore \\d+\\.\\d+\\.\\d+\\S*, Java 17\\S*\\R");
    }

    @Test
    void programStartsServersAndWorkersWithoutANetworkToDownloadFrom() throws Exception {
        Ended launch = kvstore(PROGRAM, "launch", "-n", "1", "-s", "1", "--", PROGRAM.toString(), "status");

        assertThat(launch.exitCode()).as(launch.output()).isZero();
        assertThat(launch.output()).contains("[worker 0] 127.0.0.1:", " Up ", "kvstore-server", "coordinator");
        assertThat(launch.output()).as("logging works").doesNotContain("SLF4J");
    }

    @Test
    void programWithoutJavaSaysSo() throws Exception {
        Ended ended = run(Map.of("JAVA_HOME", "/no/such/java"), List.of(PROGRAM.toString(), "--help"));

        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.output()).contains("no Java found");
    }

    @Test
    void classesOfTheUserAreTakenFromTheEnvironment() throws Exception {
        Path services = Files.createDirectories(folder.resolve("own classes/META-INF/services"));
        Files.writeString(services.resolve("io.kvstore.ServerController"), "no.such.Controller");

        Ended server = run(
                Map.of(
                        "JAVA_HOME",
                        System.getProperty("java.home"),
                        "KVSTORE_CLASS_PATH",
                        folder.resolve("own classes").toString()),
                List.of(PROGRAM.toString(), "server", "--port", "0"));

        assertThat(server.exitCode()).as(server.output()).isNotZero();
        assertThat(server.output()).contains("no.such.Controller");
    }

    @Test
    void optionsOfTheJvmAreTakenFromTheEnvironment() throws Exception {
        Ended doctor = run(
                Map.of(
                        "JAVA_HOME",
                        System.getProperty("java.home"),
                        "KVSTORE_JAVA_OPTS",
                        "-Xmx300m -Dkvstore.server.port=0"),
                List.of(PROGRAM.toString(), "doctor"));

        assertThat(doctor.exitCode()).as(doctor.output()).isZero();
        assertThat(doctor.output()).contains("warn  java", "heap up to 2", "can listen at 127.0.0.1:0");
    }
}
