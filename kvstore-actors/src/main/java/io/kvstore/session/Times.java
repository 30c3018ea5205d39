package io.kvstore.session;

import java.math.BigDecimal;
import java.time.Duration;

/** Times as people read them. */
public final class Times {
    private Times() {}

    /** Such as {@code 0.15 s}, {@code 45 s}, {@code 3 m 10 s}, {@code 2 h 5 m} or {@code 4 d 1 h}. */
    public static String text(Duration time) {
        if (time.toMinutes() < 1) {
            return BigDecimal.valueOf(time.toMillis(), 3).stripTrailingZeros().toPlainString() + " s";
        }
        if (time.toHours() < 1) {
            return time.toMinutes() + " m" + unlessNone(time.toSecondsPart(), " s");
        }
        return time.toDays() < 1
                ? time.toHours() + " h" + unlessNone(time.toMinutesPart(), " m")
                : time.toDays() + " d" + unlessNone(time.toHoursPart(), " h");
    }

    private static String unlessNone(int value, String unit) {
        return value == 0 ? "" : " " + value + unit;
    }
}
