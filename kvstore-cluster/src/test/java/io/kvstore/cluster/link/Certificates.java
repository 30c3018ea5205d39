package io.kvstore.cluster.link;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Keys and certificates made by the JDK's keytool as conf/tls.conf says, in a directory of the test's own. */
public final class Certificates {
    public static final String PASSWORD = "of this test only";

    private final Path directory;

    /** An authority of its own. */
    public Certificates(Path directory) throws IOException, InterruptedException {
        this.directory = directory;
        keytool("-genkeypair -alias ca -keyalg EC -dname CN=kvstore-ca -ext bc:c -keystore ca.p12");
        keytool("-exportcert -alias ca -rfc -file ca.pem -keystore ca.p12");
        keytool("-importcert -alias ca -noprompt -file ca.pem -keystore trust.p12");
    }

    /** What all nodes of this authority trust. */
    public Path trust() {
        return directory.resolve("trust.p12");
    }

    /** A node's key, with a certificate for the loopback address. */
    public Path node(String name) throws IOException, InterruptedException {
        String store = " -keystore " + name + ".p12";
        keytool("-genkeypair -alias node -keyalg EC -dname CN=" + name + store);
        keytool("-certreq -alias node -file node.csr" + store);
        keytool("-gencert -alias ca -rfc -ext san=ip:127.0.0.1 -infile node.csr -outfile node.pem -keystore ca.p12");
        keytool("-importcert -alias ca -noprompt -file ca.pem" + store);
        keytool("-importcert -alias node -file node.pem" + store);
        return directory.resolve(name + ".p12");
    }

    /** A node's key, with a certificate that nobody else has signed. */
    Path selfSigned(String name) throws IOException, InterruptedException {
        keytool("-genkeypair -alias node -keyalg EC -dname CN=" + name + " -keystore " + name + ".p12");
        return directory.resolve(name + ".p12");
    }

    private void keytool(String arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments.split(" ")));
        command.addAll(List.of("-storetype", "PKCS12", "-storepass", PASSWORD));
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new AssertionError("keytool " + arguments + ": " + output);
        }
    }
}
