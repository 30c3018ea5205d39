package io.kvstore.profile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/** Traces as a JSON parser reads them. */
public final class Traces {
    private Traces() {}

    public static JsonNode of(Profile profile) {
        StringWriter text = new StringWriter();
        try {
            TraceWriter.write(profile.configured(), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return parsed(text.toString());
    }

    public static JsonNode of(Path file) {
        try {
            return parsed(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode parsed(String text) {
        try {
            return new ObjectMapper().readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError("no JSON: " + text, e);
        }
    }

    /** The complete events, in order; each is checked for what a viewer needs. */
    public static List<JsonNode> events(JsonNode trace) {
        List<JsonNode> events = new ArrayList<>();
        for (JsonNode event : trace.get("traceEvents")) {
            assertThat(event.get("name").isTextual()).isTrue();
            assertThat(event.get("pid").longValue())
                    .isEqualTo(ProcessHandle.current().pid());
            assertThat(event.get("tid").isInt()).isTrue();
            if (event.get("ph").textValue().equals("X")) {
                assertThat(event.get("ts").isNumber()).isTrue();
                assertThat(event.get("dur").doubleValue()).isNotNegative();
                assertThat(event.get("args").isObject()).isTrue();
                events.add(event);
            } else {
                assertThat(event.get("ph").textValue()).isEqualTo("M");
            }
        }
        return events;
    }

    /** The complete events of that name. */
    public static List<JsonNode> events(JsonNode trace, String name) {
        return events(trace).stream()
                .filter(event -> event.get("name").textValue().equals(name))
                .toList();
    }

    /** The value that metadata of that name gives a track; null if there is none. */
    public static String metadata(JsonNode trace, String name, int track) {
        for (JsonNode event : trace.get("traceEvents")) {
            if (event.get("ph").textValue().equals("M")
                    && event.get("name").textValue().equals(name)
                    && event.get("tid").intValue() == track) {
                return event.get("args").elements().next().textValue();
            }
        }
        return null;
    }
}
