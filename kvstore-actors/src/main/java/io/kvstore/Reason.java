package io.kvstore;

/** Why a request was refused. Only {@link #BUSY} is worth an unchanged retry. */
public enum Reason {
    /** A null, a wrong Java type, lists of different length, or a value outside its range. */
    INVALID_ARGUMENT,
    /** No store of that type is known; the message lists those that are. */
    UNKNOWN_TYPE,
    /** A setting is missing, unknown or out of range. */
    INVALID_CONFIGURATION,
    /** The key has not been initialised, or was deleted. */
    NOT_INITIALIZED,
    ALREADY_INITIALIZED,
    /** One store holds either integer keys or string keys. */
    MIXED_KEY_KINDS,
    SHAPE_MISMATCH,
    DTYPE_MISMATCH,
    /** Dense where row-sparse is needed, or the other way round. */
    STORAGE_MISMATCH,
    /** A row id outside the key's rows. */
    OUT_OF_RANGE,
    /** An element type that the store does not keep. */
    UNSUPPORTED_DTYPE,
    /** An INDArray that was closed. */
    ARRAY_CLOSED,
    /** An output array several of whose elements share one place in memory. */
    OVERLAPPING_OUTPUT,
    /** The store does not offer the operation. */
    UNSUPPORTED,
    /** The operation is about an optimizer's states, and no optimizer is set. */
    NO_OPTIMIZER,
    /** Optimizer states of another rule, number or type than the optimizer in force keeps. */
    STATE_MISMATCH,
    /** A file could not be read or written; the message has the system's own words. */
    FILE_FAILED,
    /** A file is damaged, of another kind, or of a newer format. */
    INVALID_FILE,
    /** The user's updater or optimizer rule threw; the value is as it was. */
    UPDATER_FAILED,
    /** The user's server controller threw. */
    CONTROLLER_FAILED,
    /** Too much is waiting at the key; try again. */
    BUSY,
    /** A blocking call from one of the store's own threads, which might wait for itself. */
    WOULD_DEADLOCK,
    /** The store is closed. */
    CLOSED,
    /** A push repeated out of its worker's order. */
    OUT_OF_ORDER,
    /** The request names an earlier life of the key. */
    STALE_GENERATION,
    /** The worker has no place in the key's rounds yet; its session takes one and sends again. */
    NOT_JOINED,
    /** The worker's incarnation was closed, because it was silent for too long or came back under the same name. */
    FENCED,
    /** A worker was lost before its part of a round came, and the round was given up. */
    ROUND_FAILED,
    /** No server answers for the key; what became of the request is unknown. */
    SERVER_LOST,
    /** The key is being restored. */
    RECOVERING,
    OUT_OF_MEMORY,
    /** A GPU answers nothing any more, and had the only copy of what was asked for; the message says what to do. */
    DEVICE_LOST,
    /** A GPU refused work, such as the start of a kernel; nothing was changed. */
    DEVICE_FAILED,
    /** No ND4J backend is on the class path. */
    NO_BACKEND,
    TIMEOUT,
    /** The waiting thread was interrupted; whether the request takes effect is unknown. */
    INTERRUPTED,
    /** A fault in the store itself. */
    INTERNAL
}
