package io.kvstore.examples.training;

import java.util.Locale;

/** How values look in messages and reports: one line, a point as the decimal mark. */
final class Text {
    private static final int LONGEST = 40;

    private Text() {}

    /** At most 40 characters of a foreign text, without line breaks and other control characters. */
    static String shorten(String text) {
        String line = text.replaceAll("\\p{Cntrl}", "?");
        return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "...";
    }

    static String oneLine(String text) {
        return text.replaceAll("\\s*\\R\\s*", " ");
    }

    static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    static String percent(double fraction) {
        return format("%.1f %%", 100 * fraction);
    }

    static String bytes(long bytes) {
        if (bytes < 1_000) {
            return bytes + " B";
        }
        return bytes < 1_000_000 ? format("%.1f kB", bytes / 1e3) : format("%.1f MB", bytes / 1e6);
    }
}
