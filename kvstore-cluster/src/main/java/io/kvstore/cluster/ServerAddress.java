package io.kvstore.cluster;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a server can be reached: the name of its actor system, host and port.
 *
 * @param system {@value #SYSTEM} for every system that this project starts; a user's own system has a name of its own
 * @param host a name, or an address; an IPv6 address stands in brackets
 * @param port 1 to 65535
 */
public record ServerAddress(String system, String host, int port) implements Comparable<ServerAddress> {

    /** The name of the actor systems that the command line and {@code create("dist..")} start. */
    public static final String SYSTEM = "kvstore";

    private static final int LAST_PORT = 65535;
    private static final Pattern FORM = Pattern.compile(
            "(?:akka://([A-Za-z0-9][A-Za-z0-9_-]*)@)?([^\\s\\[\\]:/@]+|\\[[0-9A-Fa-f:.%]+\\]):([0-9]{1,5})");

    /** Reads {@code host:port} or {@code akka://system@host:port}. @throws KVStoreException if it is neither */
    public static ServerAddress parse(String text) {
        Matcher parts = FORM.matcher(text.strip());
        if (parts.matches()) {
            int port = Integer.parseInt(parts.group(3));
            if (port >= 1 && port <= LAST_PORT) {
                return new ServerAddress(parts.group(1) == null ? SYSTEM : parts.group(1), parts.group(2), port);
            }
        }
        throw new KVStoreException(
                Reason.INVALID_CONFIGURATION,
                "a server's address is host:port or akka://system@host:port with a port from 1 to " + LAST_PORT
                        + ", given '" + text + "'");
    }

    /** The form that Akka knows, {@code akka://system@host:port}. */
    public String uri() {
        return "akka://" + system + "@" + host + ":" + port;
    }

    @Override
    public int compareTo(ServerAddress other) {
        int byHost = host.compareTo(other.host);
        int byPort = byHost != 0 ? byHost : Integer.compare(port, other.port);
        return byPort != 0 ? byPort : system.compareTo(other.system);
    }

    /** {@code host:port}, with the system in front if it is not {@value #SYSTEM}. */
    @Override
    public String toString() {
        return system.equals(SYSTEM) ? host + ":" + port : uri();
    }
}
