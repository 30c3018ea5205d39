package io.kvstore.cluster;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/** Addresses as this machine sees them. */
public final class LocalAddress {
    private LocalAddress() {}

    /** The address from which this machine reaches a server; nothing is sent. @throws KVStoreException if there is no way */
    static String towards(ServerAddress server) {
        InetSocketAddress target = new InetSocketAddress(withoutBrackets(server.host()), server.port());
        if (target.isUnresolved()) {
            throw unreachable(server, "the name is unknown", null);
        }
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(target); // for UDP this only looks up the route
            return text(socket.getLocalAddress());
        } catch (IOException | RuntimeException e) {
            throw unreachable(server, String.valueOf(e.getMessage()), e);
        }
    }

    /** Whether only programs of this machine reach what listens on the host. @throws KVStoreException if the name is unknown */
    public static boolean isLoopback(String host) {
        return resolve(host).isLoopbackAddress();
    }

    /** Whether the host stands for all addresses of a machine. @throws KVStoreException if the name is unknown */
    public static boolean isAny(String host) {
        return resolve(host).isAnyLocalAddress();
    }

    private static InetAddress resolve(String host) {
        try {
            return InetAddress.getByName(withoutBrackets(host));
        } catch (UnknownHostException e) {
            throw new KVStoreException(
                    Reason.INVALID_CONFIGURATION, null, "the host '" + host + "' is unknown on this machine", e);
        }
    }

    /** An IPv6 address as Java takes it; any other host as it is. */
    public static String withoutBrackets(String host) {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    private static String text(InetAddress address) {
        String text = address.getHostAddress();
        return address instanceof Inet6Address ? "[" + text + "]" : text;
    }

    private static KVStoreException unreachable(ServerAddress server, String why, Throwable cause) {
        return new KVStoreException(
                Reason.INVALID_CONFIGURATION,
                null,
                "no way from this machine to the seed node " + server + ": " + why
                        + "; name another in kvstore.seed-nodes, or this machine's address in kvstore.worker.host",
                cause);
    }
}
