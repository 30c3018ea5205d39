package io.kvstore.cluster.sharding;

import io.kvstore.cluster.ClusterSettings;

/** What a worker and a server must agree on before they exchange keys, as a text to compare. */
public final class Greeting {
    private Greeting() {}

    public static String of(ClusterSettings settings) {
        return "protocol-version=" + settings.protocolVersion() + " number-of-shards=" + settings.shards()
                + " slice-bytes=" + settings.sliceBytes();
    }
}
