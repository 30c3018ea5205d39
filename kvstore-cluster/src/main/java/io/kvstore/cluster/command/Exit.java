package io.kvstore.cluster.command;

/** The exit codes of the command line. */
final class Exit {
    static final int DONE = 0;

    /** It failed, and said why; of {@code launch}: before any worker failed. */
    static final int FAILED = 1;

    /** A wrong option or an unusable setting; nothing was done. */
    static final int USAGE = 2;

    // 3 and 4 stand in reference.conf: a server was voted out of the cluster, or found none to join.

    /** Added to a signal's number by {@code launch}, as shells do. */
    static final int SIGNALLED = 128;

    static final String HELP =
            "Exit codes: 0 done; 1 failed, the reason is on standard error; 2 a wrong option or setting.";

    private Exit() {}
}
