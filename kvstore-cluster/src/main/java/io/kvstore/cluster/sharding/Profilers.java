package io.kvstore.cluster.sharding;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.profile.Profile;
import io.kvstore.profile.TraceWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/** The profilers of one server's stores, as workers command them. Any thread may use it. */
final class Profilers {
    /** Traces that wait to be fetched; of a worker that went away one is given up when others come. */
    private static final int KEPT_TRACES = 4;

    private final Map<String, byte[]> traces = new LinkedHashMap<>();

    /**
     * Runs a command.
     *
     * @param head its place in {@link ProfilerCommand}
     * @throws KVStoreException if it cannot be carried out
     */
    String run(Profile profile, int head, String body) {
        if (head < 0 || head >= ProfilerCommand.values().length) {
            throw new KVStoreException(Reason.UNSUPPORTED, "a profiler command of unknown number " + head);
        }
        switch (ProfilerCommand.values()[head]) {
            case CONFIG -> profile.configure(Integer.parseInt(body));
            case STATE -> profile.run(body.equals("run"));
            case PAUSE -> profile.pause(true);
            case RESUME -> profile.pause(false);
            case FORGET -> forget(body);
            case DUMP -> {
                return dump(profile, body);
            }
            case PIECE -> {
                int space = body.indexOf(' ');
                return piece(body.substring(0, space), Integer.parseInt(body.substring(space + 1)));
            }
        }
        return "";
    }

    private String dump(Profile profile, String name) {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (Writer out = new OutputStreamWriter(new GZIPOutputStream(compressed), StandardCharsets.UTF_8)) {
            TraceWriter.write(profile.configured(), out);
        } catch (IOException e) {
            throw new KVStoreException(Reason.INTERNAL, null, "the trace could not be written: " + e, e);
        }
        keep(name, compressed.toByteArray());
        return Integer.toString(compressed.size());
    }

    private synchronized void keep(String name, byte[] trace) {
        if (traces.size() >= KEPT_TRACES) {
            traces.remove(traces.keySet().iterator().next());
        }
        traces.put(name, trace);
    }

    private synchronized void forget(String name) {
        traces.remove(name);
    }

    private synchronized String piece(String name, int from) {
        byte[] trace = traces.get(name);
        if (trace == null) {
            throw new KVStoreException(
                    Reason.INVALID_ARGUMENT,
                    "the trace is not kept any more, others were dumped meanwhile; dump again");
        }
        int begin = Math.min(from, trace.length);
        int end = Math.min(begin + ProfilerCommand.PIECE_BYTES, trace.length);
        return Base64.getEncoder().encodeToString(Arrays.copyOfRange(trace, begin, end));
    }
}
