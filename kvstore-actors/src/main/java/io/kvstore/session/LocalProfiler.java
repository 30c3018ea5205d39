package io.kvstore.session;

import io.kvstore.Profiler;
import io.kvstore.files.AtomicFile;
import io.kvstore.profile.Profile;
import io.kvstore.profile.Recording;
import io.kvstore.profile.TraceWriter;
import java.io.BufferedWriter;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/** The profiler of a store in this JVM. */
final class LocalProfiler implements Profiler {
    private final Profile profile;
    private Path file; // null: never configured

    LocalProfiler(Profile profile) {
        this.profile = profile;
    }

    @Override
    public synchronized void config(Map<String, ?> settings) {
        ProfilerSettings checked = ProfilerSettings.of(settings);
        profile.configure(checked.maxEvents());
        file = checked.file();
    }

    @Override
    public void state(String state) {
        profile.run(ProfilerSettings.isRun(state));
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
