package io.kvstore.cluster.session;

import io.kvstore.KVStoreException;
import io.kvstore.Profiler;
import io.kvstore.Reason;
import io.kvstore.cluster.ServerAddress;
import io.kvstore.cluster.coordinator.CommandKind;
import io.kvstore.cluster.coordinator.CommandOutcome;
import io.kvstore.cluster.sharding.ProfilerCommand;
import io.kvstore.files.AtomicFile;
import io.kvstore.session.ProfilerSettings;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.zip.GZIPInputStream;

/**
 * The profilers of all servers, as one worker commands them. A dump brings each server's trace here, compressed and in
 * pieces, and writes {@code rank<r>_<name>} for the r-th server by address (MXNet: src/kvstore/kvstore_dist_server.h).
 */
final class ClusterProfiler implements Profiler {
    private final CoordinatorCalls servers;
    private Path file; // null: not configured by this worker

    ClusterProfiler(CoordinatorCalls servers) {
        this.servers = servers;
    }

    @Override
    public synchronized void config(Map<String, ?> settings) {
        ProfilerSettings checked = ProfilerSettings.of(settings);
        run("config", ProfilerCommand.CONFIG, Integer.toString(checked.maxEvents()));
        file = checked.file();
    }

    @Override
    public void state(String state) {
        run("state", ProfilerCommand.STATE, ProfilerSettings.isRun(state) ? "run" : "stop");
    }

    @Override
    public void pause() {
        run("pause", ProfilerCommand.PAUSE, "");
    }

    @Override
    public void resume() {
        run("resume", ProfilerCommand.RESUME, "");
    }

    private List<CommandOutcome> run(String what, ProfilerCommand command, String body) {
        return servers.run(
                "profiler " + what, Reason.INVALID_CONFIGURATION, CommandKind.PROFILER, command.ordinal(), body);
    }

    @Override
    public synchronized void dump() {
        if (file == null) {
            throw new KVStoreException(
                    Reason.INVALID_CONFIGURATION,
                    "profiler dump: this worker has not said where to; call config in the worker that dumps");
        }
        String dump = UUID.randomUUID().toString();
        SortedMap<ServerAddress, ByteArrayOutputStream> traces = fetch(dump);
        run("dump", ProfilerCommand.FORGET, dump);
        int rank = 0;
        for (ByteArrayOutputStream trace : traces.values()) {
            Path own = file.resolveSibling("rank" + rank++ + "_" + file.getFileName());
            AtomicFile.write(own, channel -> unpack(trace.toByteArray(), channel));
        }
    }

    /** Every server's trace of this moment, compressed. */
    private SortedMap<ServerAddress, ByteArrayOutputStream> fetch(String dump) {
        SortedMap<ServerAddress, ByteArrayOutputStream> traces = new TreeMap<>();
        long longest = 0;
        for (CommandOutcome outcome : run("dump", ProfilerCommand.DUMP, dump)) {
            traces.put(ServerAddress.parse(outcome.server()), new ByteArrayOutputStream());
            longest = Math.max(longest, Long.parseLong(outcome.result()));
        }
        for (long from = 0; from < longest; from += ProfilerCommand.PIECE_BYTES) {
            List<CommandOutcome> pieces = run("dump", ProfilerCommand.PIECE, dump + " " + from);
            for (CommandOutcome piece : pieces) {
                ByteArrayOutputStream trace = traces.get(ServerAddress.parse(piece.server()));
                if (trace != null) { // else it came later than the dump
                    trace.writeBytes(Base64.getDecoder().decode(piece.result()));
                }
            }
            if (pieces.size() < traces.size()) {
                throw new KVStoreException(
                        Reason.SERVER_LOST, "profiler dump: a server was lost meanwhile; nothing was written");
            }
        }
        return traces;
    }

    private static void unpack(byte[] compressed, FileChannel into) throws IOException {
        try (InputStream trace = new GZIPInputStream(new ByteArrayInputStream(compressed))) {
            trace.transferTo(Channels.newOutputStream(into));
        }
    }
}
