package io.kvstore.cluster.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.kvstore.tensor.BufferPool;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whatever the bytes: a message, or one kind of exception and nothing kept; and never memory beyond what they are worth. */
class LinkCodecFuzzTest {
    private final List<byte[]> messages = LinkCodecTest.messages()
            .map(message -> {
                ByteBuffer buffer = ByteBuffer.allocate(LinkCodec.size(message));
                LinkCodec.write(message, buffer);
                return buffer.array();
            })
            .toList();

    @Test
    void randomBytesAreRefusedOrHarmless() {
        fuzz(1, 20_000);
    }

    @Test
    @Tag("thorough")
    void manyRandomBytesAreRefusedOrHarmless() {
        fuzz(1_000_000, 5_000_000);
    }

    private void fuzz(long firstSeed, int inputs) {
        int read = 0;
        int refused = 0;
        for (long seed = firstSeed; seed < firstSeed + inputs; seed++) {
            byte[] bytes = mutated(new Random(seed));
            if (readable(seed, bytes)) {
                read++;
            } else {
                refused++;
            }
        }
        // both happen, or the mutations are too weak or too strong to mean anything
        assertThat(read).isGreaterThan(inputs / 100);
        assertThat(refused).isGreaterThan(inputs / 10);
    }

    private static boolean readable(long seed, byte[] bytes) {
        BufferPool pool = new BufferPool(0);
        try {
            LinkCodec.read(ByteBuffer.wrap(bytes), pool);
            assertThat(pool.liveBytes()).as("seed %d", seed).isLessThanOrEqualTo(bytes.length);
            return true;
        } catch (WireException e) {
            assertThat(pool.liveBytes()).as("seed %d", seed).isZero();
            return false;
        } catch (Throwable e) {
            return fail("seed " + seed + ": " + e, e);
        }
    }

    private byte[] mutated(Random random) {
        if (random.nextInt(10) == 0) {
            byte[] noise = new byte[random.nextInt(300)];
            random.nextBytes(noise);
            return noise;
        }
        byte[] bytes = messages.get(random.nextInt(messages.size())).clone();
        for (int i = random.nextInt(4); i >= 0; i--) {
            bytes = mutation(bytes, random);
        }
        if (random.nextBoolean() && bytes.length > 6) {
            ByteBuffer.wrap(bytes).order(java.nio.ByteOrder.LITTLE_ENDIAN).putInt(2, bytes.length);
        }
        return bytes;
    }

    private static byte[] mutation(byte[] bytes, Random random) {
        if (bytes.length == 0) {
            return bytes;
        }
        int at = random.nextInt(bytes.length);
        switch (random.nextInt(6)) {
            case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> bytes[at] = (byte) random.nextInt();
            case 2 -> Arrays.fill(bytes, at, Math.min(bytes.length, at + 4), (byte) 0xff);
            case 3 -> Arrays.fill(bytes, at, Math.min(bytes.length, at + 8), (byte) 0);
            case 4 -> {
                return Arrays.copyOf(bytes, at);
            }
            default -> {
                return spliced(bytes, at, random);
            }
        }
        return bytes;
    }

    private static byte[] spliced(byte[] bytes, int at, Random random) {
        List<Byte> all = new ArrayList<>();
        for (byte b : bytes) {
            all.add(b);
        }
        for (int i = random.nextInt(9); i > 0; i--) {
            all.add(at, (byte) random.nextInt());
        }
        byte[] longer = new byte[all.size()];
        for (int i = 0; i < longer.length; i++) {
            longer[i] = all.get(i);
        }
        return longer;
    }
}
