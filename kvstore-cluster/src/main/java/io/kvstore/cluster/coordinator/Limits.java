package io.kvstore.cluster.coordinator;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import java.nio.charset.StandardCharsets;

/** How big the parts of a control message may be, so that each message fits an ordinary Artery frame of 256 KiB. */
public final class Limits {
    /** A configuration, a command's body or its result. */
    public static final int TEXT_BYTES = 128 * 1024;
    /** The name of a store or a worker. */
    public static final int NAME_BYTES = 128;
    /** An address of a server. */
    public static final int ADDRESS_BYTES = 300;
    /** A sentence for people. */
    static final int LINE_BYTES = 2048;

    public static final int WORKERS = 256;
    public static final int SERVERS = 128;
    /** Addresses of lost servers that are remembered. */
    static final int LOST_SERVERS = 512;
    /** Stores of one cluster. */
    public static final int STORES = 4096;

    private Limits() {}

    static int utf8Bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /** {@code name}, if it can be a name. */
    static String name(String what, String name) {
        if (name == null || name.isEmpty() || utf8Bytes(name) > NAME_BYTES) {
            throw new KVStoreException(
                    Reason.INVALID_CONFIGURATION,
                    "a " + what + " has 1 to " + NAME_BYTES + " bytes, given "
                            + (name == null ? "none" : "'" + name + "'"));
        }
        return name;
    }

    /** {@code text}, cut to fit a message. */
    static String line(String text) {
        int end = Math.min(text.length(), LINE_BYTES / 3);
        return end == text.length() ? text : text.substring(0, end - 3) + "...";
    }
}
