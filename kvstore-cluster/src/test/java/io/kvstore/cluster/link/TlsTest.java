package io.kvstore.cluster.link;

import static io.kvstore.cluster.link.Peers.Noting.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvstore.KVStoreTimeoutException;
import io.kvstore.actor.KeyReply;
import io.kvstore.cluster.ServerAddress;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Nodes under conf/tls.conf. */
@Timeout(120)
class TlsTest {
    private static final Nodes nodes = new Nodes();

    @TempDir
    static Path directory;

    private static Certificates ours;
    private static Path key;
    private static Endpoints server;

    @BeforeAll
    static void start() throws Exception {
        ours = new Certificates(directory);
        key = ours.node("node"); // one for all nodes here: what counts is who signed it
        server = Endpoints.get(nodes.start(tls(key, ours.trust())));
        Peers.Answering.serve(
                server,
                () -> new KeyReply.Value(Samples.KEY, 0, 1, server.pool().copyOf(Samples.DENSE)));
    }

    @AfterAll
    static void stop() {
        nodes.close();
    }

    private static String[] tls(Path key, Path trust) {
        String engine = "akka.remote.artery.ssl.config-ssl-engine.";
        return new String[] {
            "include required(file(\"" + Path.of("..", "conf", "tls.conf").toAbsolutePath() + "\"))",
            engine + "key-store = \"" + key + "\"",
            engine + "trust-store = \"" + trust + "\"",
            engine + "key-store-password = \"" + Certificates.PASSWORD + "\"",
            engine + "key-password = \"" + Certificates.PASSWORD + "\"",
            engine + "trust-store-password = \"" + Certificates.PASSWORD + "\"",
            "kvstore.server.embedded.akka.loglevel = OFF"
        };
    }

    private static ServerAddress address() {
        return new ServerAddress(
                server.self().system(), server.self().host(), server.self().port());
    }

    private static void connect(Endpoints worker, Duration limit) throws Exception {
        worker.connect(address(), "", limit).toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    @Test
    void nodesWithCertificatesOfOneAuthorityTalk() throws Exception {
        Endpoints worker = Endpoints.get(nodes.start(tls(key, ours.trust())));
        connect(worker, Duration.ofSeconds(20));
        Peers.Noting noting = new Peers.Noting();
        Channel channel = worker.open(noting);
        long call = channel.nextCall();
        channel.submit(server.self(), Samples.pull("w", 0, call, 0));
        assertThat(next(noting.items).body())
                .isEqualTo(new Body.Answer(new KeyReply.Value(Samples.KEY, call, 1, Samples.DENSE)));
    }

    @Test
    void aNodeWithACertificateOfItsOwnMakingIsRefused() throws Exception {
        Endpoints stranger = Endpoints.get(nodes.start(tls(ours.selfSigned("stranger"), ours.trust())));
        assertThatThrownBy(() -> connect(stranger, Duration.ofSeconds(2)))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(KVStoreTimeoutException.class)
                .hasMessageContaining("do both use TLS, or neither?");
    }

    @Test
    void aNodeWithoutTlsIsNotHeard() throws Exception {
        Endpoints plain = Endpoints.get(nodes.start("kvstore.server.embedded.akka.loglevel = OFF"));
        assertThatThrownBy(() -> connect(plain, Duration.ofSeconds(2)))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(KVStoreTimeoutException.class);
    }

    /** The same bare client with and without a certificate, so that nothing else can be what is refused. */
    @Test
    void aClientWithoutACertificateIsRefusedInTheHandshake() throws Exception {
        try (SSLSocket known = socket(key)) {
            known.startHandshake();
            known.setSoTimeout(1000);
            InputStream silence = known.getInputStream();
            assertThatThrownBy(silence::read).isInstanceOf(SocketTimeoutException.class);
        }
        try (SSLSocket unknown = socket(null)) {
            unknown.setSoTimeout(20_000);
            assertThatThrownBy(() -> {
                        unknown.startHandshake(); // in TLS 1.3 a client hears of it when it reads
                        if (unknown.getInputStream().read() < 0) {
                            throw new SSLException("closed");
                        }
                    })
                    .isInstanceOf(IOException.class)
                    .isNotInstanceOf(SocketTimeoutException.class);
        }
    }

    private static SSLSocket socket(Path keyOrNull) throws Exception {
        char[] password = Certificates.PASSWORD.toCharArray();
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(KeyStore.getInstance(ours.trust().toFile(), password));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(keyOrNull == null ? null : KeyStore.getInstance(keyOrNull.toFile(), password), password);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(keyOrNull == null ? null : keys.getKeyManagers(), trust.getTrustManagers(), null);
        return (SSLSocket) context.getSocketFactory()
                .createSocket(server.self().host(), server.self().port());
    }
}
