package io.kvstore.cluster.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.cluster.link.LinkMessage.Frame;
import io.kvstore.tensor.BufferPool;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The bytes of version 1, kept in {@code golden-v1.txt}: one line for each kind of message, a name and its bytes in
 * hexadecimal. A line never changes and never goes; a new kind adds one. A difference here means that nodes of before and
 * after cannot talk to each other: give the new layout a new kind or a new version.
 */
class GoldenBytesTest {
    private static final HexFormat HEX = HexFormat.of();

    /** Each message by name; an item is shown in a frame of its own. */
    private static Map<String, LinkMessage> messages() {
        Map<String, LinkMessage> named = new LinkedHashMap<>();
        LinkCodecTest.messages().forEach(message -> {
            if (!(message instanceof Frame)) {
                add(named, message.getClass().getSimpleName(), message);
            }
        });
        for (Body body : LinkCodecTest.bodies()) {
            Frame frame = new Frame(Samples.A, Samples.B, 1, List.of(Samples.item(7, body)));
            add(named, name(body), frame);
        }
        return named;
    }

    private static String name(Body body) {
        if (body instanceof Body.Request request) {
            return request.command().getClass().getSimpleName();
        }
        return body instanceof Body.Answer answer
                ? answer.reply().getClass().getSimpleName()
                : body.getClass().getSimpleName();
    }

    private static void add(Map<String, LinkMessage> named, String name, LinkMessage message) {
        String unique = name;
        for (int i = 2; named.containsKey(unique); i++) {
            unique = name + i;
        }
        named.put(unique, message);
    }

    private static Map<String, String> golden() throws IOException {
        Map<String, String> lines = new LinkedHashMap<>();
        try (InputStream file = GoldenBytesTest.class.getResourceAsStream("golden-v1.txt")) {
            for (String line : new String(file.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                if (!line.isEmpty() && !line.startsWith("#")) {
                    lines.put(line.substring(0, line.indexOf(' ')), line.substring(line.indexOf(' ') + 1));
                }
            }
        }
        return lines;
    }

    @Test
    void theBytesOfEveryKindAreThoseOfVersionOne() throws IOException {
        Map<String, String> actual = new LinkedHashMap<>();
        messages().forEach((name, message) -> {
            ByteBuffer buffer = ByteBuffer.allocate(LinkCodec.size(message));
            LinkCodec.write(message, buffer);
            actual.put(name, HEX.formatHex(buffer.array()));
        });
        Map<String, String> golden = golden();
        String differing = actual.entrySet().stream()
                .filter(entry -> !entry.getValue().equals(golden.get(entry.getKey())))
                .map(entry -> entry.getKey() + " " + entry.getValue() + "\n")
                .collect(Collectors.joining());
        assertThat(actual).as("lines as they are now:\n%s", differing).containsExactlyInAnyOrderEntriesOf(golden);
    }

    @Test
    void theBytesOfVersionOneAreUnderstood() throws IOException {
        Map<String, LinkMessage> expected = messages();
        golden().forEach((name, hex) -> LinkCodecTest.same(
                LinkCodec.read(ByteBuffer.wrap(HEX.parseHex(hex)), new BufferPool(0)), expected.get(name)));
    }
}
