package io.kvstore.cluster.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class RecentTextsTest {
    private final RecentTexts recent = new RecentTexts();

    private String read(String text) {
        ByteBuffer bytes = ByteBuffer.wrap(("?" + text + "!").getBytes(StandardCharsets.UTF_8));
        int length = bytes.remaining() - 2;
        bytes.position(1);
        String read = recent.read(bytes, length);
        assertThat(bytes.position()).isEqualTo(read == null ? 1 : 1 + length);
        return read;
    }

    @Test
    void aTextThatComesAgainIsTheSameObject() {
        String first = read("worker-1");
        assertThat(first).isEqualTo("worker-1");
        assertThat(read("worker-1")).isSameAs(first);
        assertThat(read("")).isEmpty();
    }

    /** "Aa" and "BB" have one hash. */
    @Test
    void textsOfOneHashAreToldApart() {
        assertThat(read("Aa")).isEqualTo("Aa");
        assertThat(read("BB")).isEqualTo("BB");
        assertThat(read("Aa")).isEqualTo("Aa");
    }

    @Test
    void manyTextsComeAsTheyAre() {
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 20_000; i++) {
                assertThat(read("key" + i)).isEqualTo("key" + i);
            }
        }
    }

    @Test
    void longTextsAndOtherLettersAreLeftToTheReader() {
        assertThat(read("x".repeat(64))).isEqualTo("x".repeat(64));
        assertThat(read("x".repeat(65))).isNull();
        assertThat(read("größe")).isNull();
    }
}
