package io.kvstore.cluster.command;

import com.typesafe.config.Config;
import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.cluster.ClusterSettings;
import io.kvstore.cluster.LocalAddress;
import io.kvstore.cluster.TlsFiles;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Optional;
import java.util.stream.Stream;

/** Where a server may listen. */
final class Listening {
    private Listening() {}

    /**
     * Refuses an address that others can reach while there is nothing that keeps strangers out, and one that nobody can
     * connect to.
     *
     * @param config the server's whole configuration
     */
    static void requireSafe(ClusterSettings.Server server, Config config) {
        if (LocalAddress.isAny(server.host())) {
            throw refused(
                    "the host " + server.host() + " stands for all addresses of this machine; give the one that others"
                            + " connect to, and akka.remote.artery.bind.hostname besides if it is not the machine's own");
        }
        boolean tls = TlsFiles.areUsed(config);
        boolean local = Stream.of(server.host(), config.getString("akka.remote.artery.bind.hostname"))
                .allMatch(host -> host.isEmpty() || LocalAddress.isLoopback(host));
        if (!tls && !local && !server.insecure()) {
            throw refused(
                    "would listen at " + server.host() + " for other machines without TLS, and whoever connects could"
                            + " read and write every key; use conf/tls.conf, or --insecure in a network that you trust");
        }
    }

    /** @throws KVStoreException if nobody can listen there now */
    static void requireFree(String host, int port) {
        problem(host, port).ifPresent(problem -> {
            throw new KVStoreException(
                    Reason.INVALID_CONFIGURATION,
                    "cannot listen at " + host + ":" + port + ": " + problem
                            + "; give another --host or --port, 0 for any");
        });
    }

    /** Why nobody can listen there now, if so. */
    static Optional<String> problem(String host, int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(LocalAddress.withoutBrackets(host), port));
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(e.getMessage());
        }
    }

    private static KVStoreException refused(String message) {
        return new KVStoreException(Reason.INVALID_CONFIGURATION, message);
    }
}
