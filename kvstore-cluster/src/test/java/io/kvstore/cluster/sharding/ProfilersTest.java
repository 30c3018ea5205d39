package io.kvstore.cluster.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvstore.Key;
import io.kvstore.cluster.coordinator.Limits;
import io.kvstore.profile.Profile;
import io.kvstore.profile.TraceWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

class ProfilersTest {
    private final Profile profile = new Profile("kvstore dist_sync", System::nanoTime, InstantSource.system());
    private final Profilers profilers = new Profilers();

    private String run(ProfilerCommand command, String body) {
        return profilers.run(profile, command.ordinal(), body);
    }

    @Test
    void aTraceOfManyPiecesIsPutTogetherAgain() throws IOException {
        run(ProfilerCommand.CONFIG, "100000");
        run(ProfilerCommand.STATE, "run");
        Random random = new Random(5);
        for (int i = 0; i < 50_000; i++) {
            profile.active()
                    .begin("push", Key.of("w\u00e4\"" + random.nextInt(1000)), random.nextInt())
                    .end(random.nextInt(), 0, null);
        }
        run(ProfilerCommand.STATE, "stop");
        int size = Integer.parseInt(run(ProfilerCommand.DUMP, "mine"));
        assertThat(size).isGreaterThan(3 * ProfilerCommand.PIECE_BYTES);

        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        for (int from = 0; from < size + ProfilerCommand.PIECE_BYTES; from += ProfilerCommand.PIECE_BYTES) {
            String piece = run(ProfilerCommand.PIECE, "mine " + from);
            assertThat(piece.length()).isLessThanOrEqualTo(Limits.TEXT_BYTES);
            compressed.writeBytes(Base64.getDecoder().decode(piece));
        }
        StringWriter expected = new StringWriter();
        TraceWriter.write(profile.configured(), expected);
        byte[] trace = new GZIPInputStream(new ByteArrayInputStream(compressed.toByteArray())).readAllBytes();
        assertThat(new String(trace, StandardCharsets.UTF_8)).isEqualTo(expected.toString());
    }

    @Test
    void tracesThatNobodyFetchesMakeWayForOthers() {
        run(ProfilerCommand.CONFIG, "10");
        for (String name : new String[] {"a", "b", "c", "d"}) {
            run(ProfilerCommand.DUMP, name);
        }
        assertThat(run(ProfilerCommand.PIECE, "a 0")).isNotEmpty();
        run(ProfilerCommand.FORGET, "b");
        run(ProfilerCommand.DUMP, "e");
        assertThat(run(ProfilerCommand.PIECE, "a 0")).isNotEmpty();
        run(ProfilerCommand.DUMP, "f");
        assertThatThrownBy(() -> run(ProfilerCommand.PIECE, "a 0")).hasMessageContaining("dump again");
        assertThatThrownBy(() -> run(ProfilerCommand.PIECE, "b 0")).hasMessageContaining("dump again");
        assertThat(run(ProfilerCommand.PIECE, "f 0")).isNotEmpty();
    }

    @Test
    void anUnknownCommandIsRefused() {
        assertThatThrownBy(() -> profilers.run(profile, 99, "")).hasMessageContaining("99");
        assertThatThrownBy(() -> profilers.run(profile, -1, "")).hasMessageContaining("-1");
        assertThatThrownBy(() -> run(ProfilerCommand.DUMP, "x")).hasMessageContaining("never configured");
    }
}
