package io.kvstore.cluster.sharding;

import io.kvstore.cluster.ClusterSettings;
import java.util.List;

/** What a worker and a server must agree on before they exchange keys, as a text to compare. */
public final class Greeting {
    private Greeting() {}

    public static String of(ClusterSettings settings) {
        return "protocol-version=" + settings.protocolVersion() + " number-of-shards=" + settings.shards()
                + " slice-bytes=" + settings.sliceBytes();
    }

    /** For people: in what {@code given}, whatever it is, differs from {@code own}. */
    static String difference(String own, String given) {
        return "here " + without(own, given) + ", given " + without(given, own)
                + "; protocol versions and the settings kvstore.number-of-shards and kvstore.slice-bytes must be equal"
                + " on all servers and workers";
    }

    private static String without(String text, String other) {
        List<String> others = List.of(other.split(" "));
        List<String> rest = List.of(text.split(" ")).stream()
                .filter(field -> !others.contains(field))
                .toList();
        return rest.isEmpty() ? "nothing" : String.join(" ", rest);
    }
}
