package io.kvstore.cluster;

import com.typesafe.config.Config;
import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What settings may be; each failure names the setting, what was expected and what was given. */
final class Checks {
    private Checks() {}

    static void within(String name, long value, long least, long most) {
        if (value < least || value > most) {
            throw invalid(name, most == Long.MAX_VALUE ? "at least " + least : "from " + least + " to " + most, value);
        }
    }

    static void positive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw invalid(name, "longer than nothing", value);
        }
    }

    /** The constant that a setting names, in lower case with '-' between words. */
    static <E extends Enum<E>> E choice(Config section, String name, Class<E> type) {
        String given = section.getString(name);
        List<String> names = Arrays.stream(type.getEnumConstants())
                .map(constant -> constant.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .toList();
        int index = names.indexOf(given);
        if (index < 0) {
            throw invalid(name, "one of " + String.join(", ", names), "'" + given + "'");
        }
        return type.getEnumConstants()[index];
    }

    static KVStoreException invalid(String name, String expected, Object given) {
        return new KVStoreException(
                Reason.INVALID_CONFIGURATION, "kvstore." + name + " must be " + expected + ", given " + given);
    }
}
