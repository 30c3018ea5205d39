package io.kvstore.cluster.sharding;

/** What a worker has the profilers of all servers do; the place here is the head of the command. Only add. */
public enum ProfilerCommand {
    /** Begins an empty recording; the body is how many events are kept. */
    CONFIG,
    /** The body is {@code run} or {@code stop}. */
    STATE,
    PAUSE,
    RESUME,
    /** Keeps the trace of this moment under the name that is the body; the result is its size, compressed. */
    DUMP,
    /** The body is a name and where to begin; the result is the next {@link #PIECE_BYTES} in base 64. */
    PIECE,
    /** Lets go of the trace of that name. */
    FORGET;

    /** Bytes of one piece, so that its text is a result that can be sent. */
    public static final int PIECE_BYTES = 96 * 1024;
}
