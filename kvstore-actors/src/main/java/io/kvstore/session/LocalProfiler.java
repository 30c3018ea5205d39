package io.kvstore.session;

import io.kvstore.KVStoreException;
import io.kvstore.Profiler;
import io.kvstore.Reason;
import io.kvstore.files.AtomicFile;
import io.kvstore.profile.Profile;
import io.kvstore.profile.Recording;
import io.kvstore.profile.TraceWriter;
import java.io.BufferedWriter;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;

/** The profiler of a store in this JVM. */
final class LocalProfiler implements Profiler {
    private static final int MAX_EVENTS = 1 << 18;
    private static final int MOST_EVENTS = 100_000_000;

    private final Profile profile;
    private Path file; // null: never configured

    LocalProfiler(Profile profile) {
        this.profile = profile;
    }

    @Override
    public synchronized void config(Map<String, ?> settings) {
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
        profile.configure(maxEvents);
        file = path.toAbsolutePath();
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

    @Override
    public void state(String state) {
        if (!"run".equals(state) && !"stop".equals(state)) {
            throw new KVStoreException(
                    Reason.INVALID_ARGUMENT, "the profiler's state is 'run' or 'stop', given '" + state + "'");
        }
        profile.run("run".equals(state));
    }

    @Override
    public void pause() {
        profile.pause(true);
    }

    @Override
    public void resume() {
        profile.pause(false);
    }

    @Override
    public synchronized void dump() {
        Recording recording = profile.configured();
        AtomicFile.write(file, channel -> {
            Writer out = new BufferedWriter(Channels.newWriter(channel, StandardCharsets.UTF_8));
            TraceWriter.write(recording, out);
        });
    }
}
