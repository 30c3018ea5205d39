package io.kvstore.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import java.io.IOException;
import java.io.StringWriter;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.nd4j.shade.jackson.databind.JsonNode;

class ProfileTest {
    private static final Key W = Key.of("w");

    private final AtomicLong clock = new AtomicLong(1_000_000);
    private final Profile profile =
            new Profile("kvstore local", clock::get, InstantSource.fixed(Instant.parse("2026-11-24T12:00:00Z")));

    @Test
    void anEventHasTheTimesOfItsSpan() throws IOException {
        start(10);
        Span span = profile.active().begin("push", W, 32);
        clock.addAndGet(1_500);
        span.turn();
        clock.addAndGet(2_000_007);
        span.end(3, 0, "cpu(1)");
        StringWriter text = new StringWriter();
        TraceWriter.write(profile.configured(), text);
        String pid = String.valueOf(ProcessHandle.current().pid());
        assertThat(text.toString().replace("\"pid\": " + pid, "\"pid\": 7")).isEqualTo("""
                        {"displayTimeUnit": "ms", "otherData": {"start": "2026-11-24T12:00:00Z", "dropped": 0},
                        "traceEvents": [
                        {"name": "process_name", "ph": "M", "pid": 7, "tid": 0, "args": {"name": "kvstore local"}},
                        {"name": "thread_name", "ph": "M", "pid": 7, "tid": 1, "args": {"name": "key 'w'"}},
                        {"name": "push", "ph": "X", "pid": 7, "tid": 1, "cat": "kvstore", "ts": 1.500, "dur": 2000.007, \
                        "args": {"key": "w", "bytes": 32, "version": 3, "waited_us": 1.500, "device": "cpu(1)"}}
                        ]}
                        """);
    }

    @Test
    void outerEventsComeBeforeInnerOnesAndEachKeyHasItsTrack() {
        start(10);
        Span push = profile.active().begin("push", Key.of(20), 8);
        Span commit = profile.active().begin("commit", Key.of(20), 8);
        Span other = profile.active().begin("pull", Key.of(3), 0);
        clock.addAndGet(100);
        commit.end(1, 0, "host");
        other.end(0, 16, null);
        clock.addAndGet(100);
        push.refused(Reason.SHAPE_MISMATCH);
        JsonNode trace = Traces.of(profile);
        assertThat(Traces.events(trace))
                .extracting(event -> event.get("name").textValue() + event.get("tid"))
                .containsExactly("push2", "commit2", "pull1");
        assertThat(Traces.metadata(trace, "thread_name", 1)).isEqualTo("key 3");
        assertThat(Traces.metadata(trace, "thread_name", 2)).isEqualTo("key 20");
        assertThat(Traces.events(trace, "push").get(0).get("args").toString())
                .isEqualTo("{\"key\":\"20\",\"bytes\":8,\"refused\":\"SHAPE_MISMATCH\"}");
        assertThat(Traces.events(trace, "pull").get(0).get("args").toString())
                .isEqualTo("{\"key\":\"3\",\"bytes\":16,\"version\":0}");
    }

    @Test
    void namesOfAnyTextStayTheSame() {
        start(10);
        List<String> names = List.of("a \"b\" \\ c", "new\nline\u0001", "\u00e9\ud83d\ude00", "</script>");
        names.forEach(name -> profile.active().begin("push", Key.of(name), 0).end(0, 0, null));
        assertThat(Traces.events(Traces.of(profile)))
                .extracting(event -> event.get("args").get("key").textValue())
                .containsExactlyInAnyOrderElementsOf(names);
    }

    @Test
    void eventsBeyondTheLimitAreCountedOnly() {
        start(3);
        for (int i = 0; i < 5; i++) {
            profile.active().begin("push", W, i).end(i, 0, null);
        }
        JsonNode trace = Traces.of(profile);
        assertThat(Traces.events(trace))
                .extracting(event -> event.get("args").get("version").intValue())
                .containsExactly(0, 1, 2);
        assertThat(trace.get("otherData").get("dropped").intValue()).isEqualTo(2);
        assertThat(Traces.metadata(trace, "process_labels", 0)).isEqualTo("2 events dropped");
    }

    @Test
    void nothingIsRecordedUnlessItRunsAndIsNotPaused() {
        assertThat(profile.active()).isNull();
        profile.configure(10);
        assertThat(profile.active()).isNull();
        profile.run(true);
        Recording recording = profile.active();
        assertThat(recording).isSameAs(profile.configured());
        profile.pause(true);
        assertThat(profile.active()).isNull();
        profile.run(false);
        profile.pause(false);
        assertThat(profile.active()).isNull();
        profile.run(true);
        assertThat(profile.active()).isSameAs(recording);
        profile.run(false);
        profile.configure(10);
        assertThat(profile.configured()).isNotSameAs(recording);
    }

    @Test
    void aRunningRecordingCannotBeReplacedAndOneThatIsNotThereCannotRun() {
        for (Runnable call : List.<Runnable>of(
                profile::configured, () -> profile.run(true), () -> profile.run(false), () -> profile.pause(true))) {
            assertThat(refused(call)).hasMessageContaining("call its config first");
        }
        start(10);
        assertThat(refused(() -> profile.configure(10))).hasMessageContaining("stop it");
    }

    private void start(int maxEvents) {
        profile.configure(maxEvents);
        profile.run(true);
    }

    private static KVStoreException refused(Runnable call) {
        KVStoreException refusal = catchThrowableOfType(KVStoreException.class, call::run);
        assertThat(refusal.reason()).isEqualTo(Reason.INVALID_CONFIGURATION);
        return refusal;
    }
}
