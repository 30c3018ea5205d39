package io.kvstore.profile;

import com.typesafe.config.ConfigUtil;
import io.kvstore.Key;
import java.io.IOException;
import java.io.Writer;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes a recording as JSON in the Trace Event Format, object form: complete events ({@code "ph": "X"}) with times in
 * microseconds since the recording began, one {@code tid} per key in the keys' order, and metadata that name process and
 * tracks. {@code otherData} has the time of day of the beginning and the number of events dropped.
 *
 * <p>Source: "Trace Event Format", Google, 2016 (MXNet's profiler writes the same, src/profiler/profiler.cc).
 */
public final class TraceWriter {
    private static final Comparator<TraceEvent> OUTER_FIRST = Comparator.comparingLong(TraceEvent::startNanos)
            .thenComparing(Comparator.comparingLong(TraceEvent::nanos).reversed());

    private final Writer out;
    private final long pid;
    private final Map<Key, Integer> tracks = new TreeMap<>();
    private String separator = "\n";

    private TraceWriter(Writer out) {
        this.out = out;
        this.pid = ProcessHandle.current().pid();
    }

    /** Writes all events that {@code recording} has by now, and leaves {@code out} open. */
    public static void write(Recording recording, Writer out) throws IOException {
        new TraceWriter(out).write(recording);
    }

    private void write(Recording recording) throws IOException {
        List<TraceEvent> events =
                recording.events().stream().sorted(OUTER_FIRST).toList();
        long dropped = recording.dropped();
        events.forEach(event -> tracks.put(event.key(), 0));
        int track = 0;
        for (Map.Entry<Key, Integer> each : tracks.entrySet()) {
            each.setValue(++track);
        }
        out.write("{\"displayTimeUnit\": \"ms\", \"otherData\": {\"start\": " + quoted(recording.start())
                + ", \"dropped\": " + dropped + "},\n\"traceEvents\": [");
        metadata("process_name", 0, "name", recording.store());
        if (dropped > 0) {
            metadata("process_labels", 0, "labels", dropped + " events dropped");
        }
        for (Map.Entry<Key, Integer> each : tracks.entrySet()) {
            metadata("thread_name", each.getValue(), "name", "key " + each.getKey());
        }
        for (TraceEvent event : events) {
            event(event);
        }
        out.write("\n]}\n");
        out.flush();
    }

    private void metadata(String name, int track, String field, String value) throws IOException {
        begin(name, "M", track);
        out.write(", \"args\": {\"" + field + "\": " + quoted(value) + "}}");
    }

    private void event(TraceEvent event) throws IOException {
        begin(event.name(), "X", tracks.get(event.key()));
        out.write(
                ", \"cat\": \"kvstore\", \"ts\": " + micros(event.startNanos()) + ", \"dur\": " + micros(event.nanos())
                        + ", \"args\": {\"key\": " + quoted(event.key().name()) + ", \"bytes\": " + event.bytes());
        if (event.version() >= 0) {
            out.write(", \"version\": " + event.version());
        }
        if (event.waitedNanos() > 0) {
            out.write(", \"waited_us\": " + micros(event.waitedNanos()));
        }
        if (event.device() != null) {
            out.write(", \"device\": " + quoted(event.device()));
        }
        if (event.refused() != null) {
            out.write(", \"refused\": " + quoted(event.refused()));
        }
        out.write("}}");
    }

    private void begin(String name, String phase, int track) throws IOException {
        out.write(separator + "{\"name\": " + quoted(name) + ", \"ph\": \"" + phase + "\", \"pid\": " + pid
                + ", \"tid\": " + track);
        separator = ",\n";
    }

    private static String micros(long nanos) {
        return String.format(Locale.ROOT, "%d.%03d", nanos / 1000, nanos % 1000);
    }

    private static String quoted(Object text) {
        return ConfigUtil.quoteString(text.toString());
    }
}
