package io.kvstore.cluster.link;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The machine that this process runs on. */
final class Machine {
    /** Linux's number of this start of the system, the same in all its containers. */
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    private Machine() {}

    /** Equal for processes under one kernel; empty if the system tells nothing of the kind. */
    static String identity() {
        try {
            return Files.readString(BOOT_ID).strip();
        } catch (IOException e) {
            return "";
        }
    }
}
