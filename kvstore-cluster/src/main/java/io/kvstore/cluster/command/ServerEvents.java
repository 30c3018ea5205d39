package io.kvstore.cluster.command;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import io.kvstore.cluster.ServerAddress;
import java.io.PrintWriter;
import java.util.Map;
import java.util.Optional;

/** What a server tells on standard output of its own start, for people or, as one JSON object a line, for programs. */
final class ServerEvents {
    static final String LISTENING = "listening";
    static final String READY = "ready";

    private final PrintWriter out;
    private final boolean json;

    ServerEvents(PrintWriter out, boolean json) {
        this.out = out;
        this.json = json;
    }

    /** Others can join it; people are told only if it waits for them. */
    void listening(ServerAddress address, int servers) {
        if (json) {
            out.println(event(LISTENING, address));
        } else if (servers > 1) {
            out.println("kvstore server listening at " + address + ", waits until " + servers + " servers are there");
        }
    }

    /** It takes keys. */
    void ready(ServerAddress address) {
        out.println(json ? event(READY, address) : "kvstore server ready at " + address);
    }

    private static String event(String event, ServerAddress address) {
        Map<String, Object> fields = Map.of(
                "event",
                event,
                "address",
                address.host() + ":" + address.port(),
                "pid",
                ProcessHandle.current().pid());
        return ConfigValueFactory.fromMap(fields).render(ConfigRenderOptions.concise());
    }

    /** An event that a server told: {@link #LISTENING} or {@link #READY}, and where. */
    record Event(String kind, String address) {}

    /** The event that a line of JSON is; empty of any other line. */
    static Optional<Event> read(String line) {
        if (!line.startsWith("{") || !line.contains("\"event\"")) {
            return Optional.empty();
        }
        try {
            Config fields = ConfigFactory.parseString(line);
            return Optional.of(new Event(fields.getString("event"), fields.getString("address")));
        } catch (ConfigException e) {
            return Optional.empty();
        }
    }
}
