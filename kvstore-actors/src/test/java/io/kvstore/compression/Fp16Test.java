package io.kvstore.compression;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class Fp16Test {
    private final GradientCodec codec = GradientCompression.fp16().codec();

    private float[] sent(float... values) {
        byte[] payload = codec.encoder(values).encode(0, values.length);
        float[] decoded = new float[values.length];
        codec.decode(payload, 0, values.length, decoded, 0);
        return decoded;
    }

    @Test
    void numbersOf16BitsAreSentAsTheyAre() {
        float[] values = {0, 1, -1.5f, 65504, -65504, 0x1p-24f, -0x1p-14f};
        assertThat(sent(values.clone())).containsExactly(values);
    }

    @Test
    void othersAreSentRoundedAndTheErrorIsLeft() {
        float[] values = {1 + 0x1p-11f, 1 + 0x1.8p-10f, 0.1f};
        assertThat(sent(values)).containsExactly(1, 1 + 0x1p-9f, 0x1.998p-4f);
        assertThat(values).containsExactly(0x1p-11f, -0x1p-11f, 0.1f - 0x1.998p-4f);
    }

    @Test
    void whatIsBeyondTheTypeIsSentAsItsEndAndTheRestIsLeft() {
        float[] values = {65520, -70_000, Float.MAX_VALUE};
        assertThat(sent(values)).containsExactly(65504, -65504, 65504);
        assertThat(values).containsExactly(16, -4496, Float.MAX_VALUE - 65504);
    }

    @Test
    void thePayloadIsLittleEndian() {
        assertThat(codec.encoder(new float[] {1, -2}).encode(0, 2)).containsExactly(0x00, 0x3c, 0x00, 0xc0);
    }
}
