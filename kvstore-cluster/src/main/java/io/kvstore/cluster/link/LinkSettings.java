package io.kvstore.cluster.link;

import io.kvstore.cluster.ClusterSettings;
import java.time.Duration;

/**
 * What links need of a cluster's settings.
 *
 * @param sliceBytes the most data in one item, in bytes
 * @param windowBytes limit of bytes on their way to one peer, not yet received
 * @param resendAfter how long a frame may be unreceived before it can count as lost
 * @param sessionTimeout a peer that is silent for longer is dead
 */
public record LinkSettings(int sliceBytes, long windowBytes, Duration resendAfter, Duration sessionTimeout) {
    /** Of one of Akka's frames, besides the message: header, actor paths, serializer. */
    private static final int ARTERY_HEADER = 4 * 1024;

    /** Of a frame, besides its items: the names of two nodes. */
    private static final int FRAME_HEADER = 2 * 1024;

    public static LinkSettings of(ClusterSettings settings) {
        return new LinkSettings(
                settings.sliceBytes(), settings.windowBytes(), settings.resendAfter(), settings.sessionTimeout());
    }

    /** The largest frame, in bytes; Akka's own frame around it has {@link ClusterSettings#maximumFrameBytes}. */
    public int frameBytes() {
        return sliceBytes + ClusterSettings.FRAME_HEADROOM - ARTERY_HEADER;
    }

    /** The largest item, in bytes. */
    public int itemBytes() {
        return frameBytes() - FRAME_HEADER;
    }

    /** Free memory that a worker and a server of one machine need for {@linkplain Roads their road}, in bytes. */
    public static long roadBytes(ClusterSettings settings) {
        int frameBytes = of(settings).frameBytes();
        return IpcDriver.roadBytes(IpcDriver.termBytes(settings.road(), frameBytes), frameBytes);
    }
}
