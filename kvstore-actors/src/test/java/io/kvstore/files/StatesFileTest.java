package io.kvstore.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.optimizer.StateForm;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.Casts;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The states file: what its bytes are, and what is refused. */
class StatesFileTest {
    private static final StateForm MOMENTUM = new StateForm("sgd", 1, false);

    @TempDir
    private Path directory;

    private final BufferPool pool = new BufferPool(1 << 20);

    private record Part(StatesEntry entry, List<DenseTensor> states) {
        static Part of(StateForm form, Key key, DType dtype, long updates, DenseTensor... states) {
            Shape shape = states.length == 0 ? Shape.of(2) : states[0].shape();
            List<DType> types = updates == 0 ? List.of() : form.types(dtype);
            return new Part(new StatesEntry(key, shape, dtype, updates, types), List.of(states));
        }
    }

    @Test
    void theBytesAreThoseOfTheFormat() throws IOException {
        byte[] bytes = bytes(
                new StatesHead(MOMENTUM, Optional.of("{}"), 2),
                Part.of(MOMENTUM, Key.of(258), DType.FLOAT32, 3, DenseTensor.of(new float[] {1, -2}, 2, 1)),
                Part.of(MOMENTUM, Key.of("wä"), DType.FLOAT16, 0));
        String head = "4b56535441544553" + "01000000" // KVSTATES, format 1
                + "03000000" + "736764" + "01000000" + "00" // sgd, 1 state, no multi_precision
                + "02000000" + "7b7d" // {}
                + "02000000"; // 2 keys
        String first = "00" + "0201000000000000" // integer key 258
                + "00" + "02000000" + "0200000000000000" + "0100000000000000" // float32 (2, 1)
                + "0300000000000000" + "01000000" + "00"; // 3 updates, 1 state of float32
        String state = "0000803f" + "000000c0";
        String second = "01" + "03000000" + "77c3a4" // string key wä
                + "02" + "01000000" + "0200000000000000" // float16 (2,)
                + "0000000000000000" + "00000000"; // no updates, no states
        assertThat(HexFormat.of().formatHex(bytes))
                .isEqualTo(summed(head) + summed(first) + summed(state) + summed(second));
        assertThat(summed(head)).endsWith("8c3f1aaa");
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void everythingComesBackBitForBit(DType dtype) throws IOException {
        Random random = new Random(7);
        StateForm form = new StateForm("adam", 2, true);
        List<Part> parts = new java.util.ArrayList<>();
        long[][] shapes = {{}, {0}, {1}, {3, 0, 2}, {2, 3, 5}, {70_001}};
        for (int i = 0; i < shapes.length; i++) {
            Shape shape = Shape.of(shapes[i]);
            DenseTensor[] states = form.types(dtype).stream()
                    .map(type -> random(type, shape, random))
                    .toArray(DenseTensor[]::new);
            parts.add(Part.of(form, Key.of("key " + i + " \u00e9\ud83d\ude00"), dtype, Long.MAX_VALUE - i, states));
        }
        StatesHead head = new StatesHead(form, Optional.empty(), parts.size());
        Path file = write(bytes(head, parts.toArray(Part[]::new)));
        try (StatesReader reader = StatesReader.open(file)) {
            assertThat(reader.head()).isEqualTo(head);
            for (Part part : parts) {
                StatesEntry entry = reader.entry();
                assertThat(entry).isEqualTo(part.entry);
                List<DenseTensor> states = reader.states(entry, pool);
                assertThat(states).isEqualTo(part.states);
                states.forEach(DenseTensor::release);
            }
            reader.end();
        }
        assertThat(pool.liveBytes()).isZero();
    }

    @Test
    void aStateIsWrittenThroughASmallBuffer() throws IOException {
        int length = 1 << 20;
        DenseTensor large = DenseTensor.zeros(DType.FLOAT64, Shape.of(length));
        long[] written = new long[2];
        WritableByteChannel channel = Channels.newChannel(new java.io.OutputStream() {
            @Override
            public void write(int b) {
                throw new AssertionError("bytes one by one");
            }

            @Override
            public void write(byte[] bytes, int from, int count) {
                written[0] += count;
                written[1] = Math.max(written[1], count);
            }
        });
        write(
                channel,
                new StatesHead(MOMENTUM, Optional.empty(), 1),
                Part.of(MOMENTUM, Key.of(1), DType.FLOAT64, 1, large));
        assertThat(written[0]).isGreaterThan(8L * length);
        assertThat(written[1]).isLessThanOrEqualTo(StatesWriter.BUFFER);
    }

    @Test
    void aFlippedBitAnywhereIsFound() throws IOException {
        byte[] bytes = small();
        for (int i = 0; i < bytes.length; i++) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] damaged = bytes.clone();
                damaged[i] ^= (byte) (1 << bit);
                assertThat(refused(Reason.INVALID_FILE, damaged))
                        .as("bit %s of byte %s", bit, i)
                        .isNotNull();
            }
        }
    }

    @Test
    void aFileThatIsCutOffAnywhereIsRefused() throws IOException {
        byte[] bytes = small();
        for (int length = 0; length < bytes.length; length++) {
            assertThat(refused(Reason.INVALID_FILE, Arrays.copyOf(bytes, length)))
                    .as("the first %s bytes", length)
                    .isNotNull();
        }
        assertThat(refused(Reason.INVALID_FILE, Arrays.copyOf(bytes, bytes.length - 1)))
                .hasMessageContaining("cut off");
    }

    @Test
    void bytesBehindTheLastKeyAreRefused() throws IOException {
        byte[] bytes = small();
        assertThat(refused(Reason.INVALID_FILE, Arrays.copyOf(bytes, bytes.length + 5)))
                .hasMessageContaining("5 bytes follow behind the last of its 2 keys");
    }

    @Test
    void foreignFilesAreRefused() throws IOException {
        for (byte[] foreign :
                new byte[][] {{}, "KVSTATE".getBytes(StandardCharsets.US_ASCII), new byte[1000], {(byte) 0x80, 2}}) {
            assertThat(refused(Reason.INVALID_FILE, foreign)).hasMessageContaining("it is no file of optimizer states");
        }
    }

    @Test
    void aNewerFormatIsRefusedByItsNumber() throws IOException {
        byte[] bytes = small();
        bytes[8] = 2;
        assertThat(refused(Reason.INVALID_FILE, bytes))
                .hasMessageContainingAll("expected format 1, given 2", "written by a newer version");
    }

    @Test
    void sizesLargerThanTheFileAreRefusedBeforeMemoryIsTaken() throws IOException {
        String head = head(1);
        for (String entry : List.of(
                "01" + "ffffff7f", // a name of 2 GiB
                "01" + "ffffffff", // a name of -1 bytes
                "00" + "0100000000000000" + "00" + "ffffff7f", // a rank of 2^31 - 1
                "00" + "0100000000000000" + "00" + "01000000" + "0200000000000000" + "0300000000000000" + "ffffff7f")) {
            assertThat(refused(Reason.INVALID_FILE, HexFormat.of().parseHex(summed(head) + entry + "00".repeat(64))))
                    .as(entry)
                    .hasMessageContaining("cut off");
        }
        String huge = "00" + "0100000000000000" + "00" + "01000000" + "00ffff7f00000000" // 2^31 - 2^8 float32
                + "0300000000000000" + "01000000" + "00";
        assertThat(refused(Reason.INVALID_FILE, HexFormat.of().parseHex(summed(head) + summed(huge) + "00".repeat(64))))
                .hasMessageContaining("expected 8589933568 more bytes, has 64");
        assertThat(pool.liveBytes()).isZero();
    }

    @Test
    void wellFormedNonsenseIsRefused() throws IOException {
        String key = "00" + "0100000000000000";
        String shape = "01000000" + "0200000000000000";
        String state = "0300000000000000" + "01000000" + "00";
        for (String entry : List.of(
                "02" + "0100000000000000" + "00" + shape + state, // no such kind
                "01" + "00000000" + "00" + shape + state, // an empty name
                "01" + "01000000" + "ff" + "00" + shape + state, // a name that is no UTF-8
                key + "63" + shape + state, // no such type
                key + "00" + "01000000" + "feffffffffffffff" + state, // a negative extent
                key + "00" + "02000000" + "0000000000000040" + "0000000000000040" + state, // 2^124 elements
                key + "00" + "01000000" + "0000000001000000" + state, // 2^32 elements
                key + "00" + shape + "ffffffffffffffff" + "01000000" + "00", // -1 updates
                key + "00" + shape + "0300000000000000" + "00000000", // no states after 3 updates
                key + "00" + shape + "0300000000000000" + "02000000" + "0000", // two states
                key + "00" + shape + "0300000000000000" + "01000000" + "01", // a state of another type
                key + "00" + shape + "0000000000000000" + "01000000" + "00")) { // a state after no updates
            assertThat(refused(
                            Reason.INVALID_FILE,
                            HexFormat.of().parseHex(summed(head(1)) + summed(entry) + summed("00".repeat(8)))))
                    .as(entry)
                    .isNotNull();
        }
        refused(Reason.INVALID_FILE, HexFormat.of().parseHex(summed(head(-1))));
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        Path missing = directory.resolve("missing");
        KVStoreException refusal = catchThrowableOfType(
                KVStoreException.class, () -> StatesReader.open(missing).close());
        assertThat(refusal.reason()).isEqualTo(Reason.FILE_FAILED);
        assertThat(refusal).hasMessageContaining(missing.toString());
    }

    @Test
    void aNameThatIsNoUnicodeTextCannotBeWritten() {
        assertThat(catchThrowableOfType(
                        IOException.class,
                        () -> bytes(
                                new StatesHead(MOMENTUM, Optional.empty(), 1),
                                Part.of(MOMENTUM, Key.of("\ud800"), DType.FLOAT32, 0))))
                .hasMessageContaining("no Unicode text");
    }

    private static DenseTensor random(DType dtype, Shape shape, Random random) {
        double[] values = IntStream.range(0, (int) shape.length())
                .mapToDouble(i -> random.nextInt(200))
                .toArray();
        DenseTensor cast = Casts.cast(DenseTensor.of(values), dtype);
        DenseTensor shaped = DenseTensor.zeros(dtype, shape);
        cast.read(0, shaped.data(), 0, shaped.length());
        return shaped;
    }

    private static String head(int keys) {
        return "4b56535441544553" + "01000000" + "03000000" + "736764" + "01000000" + "00" + "00000000"
                + HexFormat.of().formatHex(little(keys));
    }

    /** The bytes and their checksum, in hexadecimal. */
    private static String summed(String hex) {
        CRC32C sum = new CRC32C();
        sum.update(HexFormat.of().parseHex(hex));
        return hex + HexFormat.of().formatHex(little((int) sum.getValue()));
    }

    private static byte[] little(int value) {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array();
    }

    private static byte[] small() throws IOException {
        return bytes(
                new StatesHead(MOMENTUM, Optional.of("{}"), 2),
                Part.of(MOMENTUM, Key.of("w"), DType.FLOAT32, 3, DenseTensor.of(new float[] {1, -2, 3}, 3, 1)),
                Part.of(MOMENTUM, Key.of("x"), DType.FLOAT64, 1, DenseTensor.of(new double[] {5})));
    }

    private static byte[] bytes(StatesHead head, Part... parts) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        write(Channels.newChannel(bytes), head, parts);
        return bytes.toByteArray();
    }

    private static void write(WritableByteChannel channel, StatesHead head, Part... parts) throws IOException {
        StatesWriter writer = new StatesWriter(channel, head);
        for (Part part : parts) {
            writer.entry(part.entry, part.states);
        }
        writer.end();
    }

    private Path write(byte[] bytes) throws IOException {
        return Files.write(directory.resolve("states"), bytes);
    }

    /** The refusal of a file of these bytes, read to its end. */
    private KVStoreException refused(Reason reason, byte[] bytes) throws IOException {
        Path file = write(bytes);
        KVStoreException refusal = catchThrowableOfType(KVStoreException.class, () -> {
            try (StatesReader reader = StatesReader.open(file)) {
                for (int i = 0; i < reader.head().keys(); i++) {
                    reader.states(reader.entry(), pool).forEach(DenseTensor::release);
                }
                reader.end();
            }
        });
        assertThat(refusal).as("the file is refused").isNotNull();
        assertThat(refusal.reason()).as(refusal.getMessage()).isEqualTo(reason);
        assertThat(refusal).hasMessageContaining(file.toString());
        assertThat(pool.liveBytes()).as("bytes of states that were read").isZero();
        return refusal;
    }
}
