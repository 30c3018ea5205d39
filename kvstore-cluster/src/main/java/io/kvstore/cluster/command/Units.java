package io.kvstore.cluster.command;

import java.time.Duration;
import java.util.Locale;

/** Sizes and times as people read them. */
final class Units {
    private static final String[] SIZES = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

    private Units() {}

    /** Such as {@code 12 B} or {@code 3.4 MiB}. */
    static String bytes(long bytes) {
        int unit = 0;
        double value = bytes;
        while (value >= 1024 && unit < SIZES.length - 1) {
            value /= 1024;
            unit++;
        }
        return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.1f %s", value, SIZES[unit]);
    }

    /** Such as {@code 45 s}, {@code 3 m 10 s}, {@code 2 h 5 m} or {@code 4 d 1 h}. */
    static String time(Duration time) {
        if (time.toMinutes() < 1) {
            return time.toSeconds() + " s";
        }
        if (time.toHours() < 1) {
            return time.toMinutes() + " m " + time.toSecondsPart() + " s";
        }
        return time.toDays() < 1
                ? time.toHours() + " h " + time.toMinutesPart() + " m"
                : time.toDays() + " d " + time.toHoursPart() + " h";
    }
}
