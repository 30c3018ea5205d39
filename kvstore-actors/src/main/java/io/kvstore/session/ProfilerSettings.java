package io.kvstore.session;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;

/**
 * What {@link io.kvstore.Profiler#config} was given, checked.
 *
 * @param file where to, absolute
 * @param maxEvents how many events are kept
 */
public record ProfilerSettings(Path file, int maxEvents) {
    private static final int MAX_EVENTS = 1 << 18;
    private static final int MOST_EVENTS = 100_000_000;

    /** @throws KVStoreException for an unknown name or a value out of range */
    public static ProfilerSettings of(Map<String, ?> settings) {
        if (settings == null) {
            throw new KVStoreException(Reason.INVALID_ARGUMENT, "profiler config: settings must not be null");
        }
        Path path = Path.of("profile.json");
        int maxEvents = MAX_EVENTS;
        for (Map.Entry<String, ?> each : settings.entrySet()) {
            if ("filename".equals(each.getKey())) {
                path = path(each.getValue());
            } else if ("max_events".equals(each.getKey())) {
                maxEvents = maxEvents(each.getValue());
            } else {
                throw new KVStoreException(
                        Reason.INVALID_ARGUMENT,
                        "profiler config has no setting '" + each.getKey() + "'; known are filename and max_events");
            }
        }
        return new ProfilerSettings(path.toAbsolutePath(), maxEvents);
    }

    private static Path path(Object given) {
        if (given instanceof Path path) {
            return path;
        }
        try {
            if (given instanceof String name && !name.isBlank()) {
                return Path.of(name);
            }
        } catch (InvalidPathException e) {
            // refused below
        }
        throw new KVStoreException(
                Reason.INVALID_ARGUMENT, "profiler config: filename must be the name of a file, given " + given);
    }

    private static int maxEvents(Object given) {
        if ((given instanceof Integer || given instanceof Long)
                && ((Number) given).longValue() > 0
                && ((Number) given).longValue() <= MOST_EVENTS) {
            return ((Number) given).intValue();
        }
        throw new KVStoreException(
                Reason.INVALID_ARGUMENT,
                "profiler config: max_events must be a whole number from 1 to " + MOST_EVENTS + ", given " + given);
    }

    /** Whether to run. @throws KVStoreException for another word than {@code run} and {@code stop} */
    public static boolean isRun(String state) {
        if (!"run".equals(state) && !"stop".equals(state)) {
            throw new KVStoreException(
                    Reason.INVALID_ARGUMENT, "the profiler's state is 'run' or 'stop', given '" + state + "'");
        }
        return "run".equals(state);
    }
}
