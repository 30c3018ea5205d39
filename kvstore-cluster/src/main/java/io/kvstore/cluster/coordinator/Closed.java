package io.kvstore.cluster.coordinator;

/** Why a worker's incarnation is over. */
public enum Closed {
    /** It was silent for longer than the session timeout; the worker may register again. */
    DEAD,
    /** Another process registered under the name. */
    REPLACED,
    /** The worker said that it leaves. */
    LEFT,
    /** The servers know nothing of it: all of them were lost, and others came. The worker may register again. */
    UNKNOWN
}
