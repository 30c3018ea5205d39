package io.kvstore.cluster.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyConfig;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.Origin;
import io.kvstore.actor.Part;
import io.kvstore.cluster.link.LinkMessage.Frame;
import io.kvstore.cluster.link.LinkMessage.Gone;
import io.kvstore.cluster.link.LinkMessage.Hello;
import io.kvstore.cluster.link.LinkMessage.Ping;
import io.kvstore.cluster.link.LinkMessage.Pong;
import io.kvstore.cluster.link.LinkMessage.Received;
import io.kvstore.cluster.link.LinkMessage.RoadOffered;
import io.kvstore.cluster.link.LinkMessage.RoadRefused;
import io.kvstore.cluster.link.LinkMessage.RoadTaken;
import io.kvstore.cluster.link.LinkMessage.RoadWanted;
import io.kvstore.cluster.link.LinkMessage.Unwelcome;
import io.kvstore.cluster.link.LinkMessage.Welcome;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DecodedTensor;
import io.kvstore.tensor.DenseSlice;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.EncodedTensor;
import io.kvstore.tensor.Shape;
import io.kvstore.tensor.Tensor;
import io.kvstore.tensor.TensorBytes;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LinkCodecTest {
    private final BufferPool pool = new BufferPool(1 << 20);

    static List<Body> bodies() {
        List<Body> bodies = new ArrayList<>();
        Samples.commands().forEach(command -> bodies.add(new Body.Request(command)));
        Samples.replies(7).forEach(reply -> bodies.add(new Body.Answer(reply)));
        bodies.add(new Body.Locate());
        bodies.add(new Body.Located(Samples.B));
        bodies.add(new Body.NotHere());
        return bodies;
    }

    static Stream<LinkMessage> messages() {
        NodeId a = Samples.A;
        NodeId b = Samples.B;
        return Stream.of(
                new Frame(a, b, 1, List.of()),
                new Frame(
                        a,
                        b,
                        2,
                        bodies().stream().map(body -> Samples.item(7, body)).toList()),
                new Received(a, b, new long[] {1, 5, Long.MAX_VALUE}),
                new Received(a, b, new long[0]),
                new Ping(a, b, 3),
                new Pong(a, b, 3),
                new Gone(a, b, new NodeId("kvstore", "10.0.0.1", 25520, 99)),
                new Hello(a, b.anyLife(), LinkCodec.VERSION, "slice-bytes = 1048576"),
                new Welcome(a, b, List.of(a, b)),
                new Unwelcome(a, b, Reason.INVALID_CONFIGURATION, "slice-bytes differ"),
                new RoadWanted(a, b, "host 1"),
                new RoadOffered(a, b, "/dev/shm/kvstore-me/7-99", 4, new Token(-1, 2)),
                new RoadRefused(a, b, "it runs on another machine"),
                new RoadTaken(a, b, new Token(-1, 2)));
    }

    private LinkMessage copy(LinkMessage message, ByteBuffer buffer) {
        LinkCodec.write(message, buffer);
        return LinkCodec.read(buffer.flip(), pool);
    }

    /** Equal, seen through their bytes: records that hold arrays are equal to themselves only. */
    static void same(LinkMessage actual, LinkMessage expected) {
        assertThat(actual).hasSameClassAs(expected);
        assertThat(bytes(actual)).isEqualTo(bytes(expected));
        if (!expected.toString().contains("PullRows")) {
            assertThat(actual).isEqualTo(expected);
        }
    }

    private static byte[] bytes(LinkMessage message) {
        ByteBuffer buffer = ByteBuffer.allocate(LinkCodec.size(message));
        LinkCodec.write(message, buffer);
        assertThat(buffer.hasRemaining()).isFalse();
        return buffer.array();
    }

    @ParameterizedTest
    @MethodSource("messages")
    void everyMessageComesBackAsItWas(LinkMessage message) {
        same(copy(message, ByteBuffer.allocate(1 << 16)), message);
        same(copy(message, ByteBuffer.allocateDirect(1 << 16).order(ByteOrder.BIG_ENDIAN)), message);
    }

    @ParameterizedTest
    @MethodSource("messages")
    void theSizeOfAMessageIsWhatIsWritten(LinkMessage message) {
        ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
        LinkCodec.write(message, buffer);
        assertThat(buffer.position()).isEqualTo(LinkCodec.size(message));
        assertThat(buffer.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
    }

    @ParameterizedTest
    @MethodSource("messages")
    void aBufferThatIsTooSmallIsRefused(LinkMessage message) {
        ByteBuffer small = ByteBuffer.allocate(LinkCodec.size(message) - 1);
        assertThatThrownBy(() -> LinkCodec.write(message, small)).isInstanceOf(BufferOverflowException.class);
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void tensorsOfEveryTypeAndFormTravelBitByBit(DType dtype) {
        for (long[] extents : new long[][] {{}, {0}, {1}, {7}, {3, 5}, {2, 0, 4}, {100_003}}) {
            DenseTensor tensor = DenseTensor.zeros(dtype, Shape.of(extents));
            fill(tensor);
            Frame frame = new Frame(Samples.A, Samples.B, 1, List.of(Samples.push("w", 1, tensor)));
            assertThat(copy(frame, ByteBuffer.allocate(1 << 20))).isEqualTo(frame);
            assertThat(copy(frame, ByteBuffer.allocateDirect(1 << 20))).isEqualTo(frame);
        }
    }

    /** Bits of all kinds, NaNs with payloads among them. */
    private static void fill(DenseTensor tensor) {
        ByteBuffer bits = ByteBuffer.allocate((int) tensor.bytes());
        new Random(5).nextBytes(bits.array());
        TensorBytes.get(bits, tensor, 0, tensor.length());
    }

    @Test
    void slicesAndEncodingsTravelAsTheElementsTheyStandFor() {
        DenseTensor whole = DenseTensor.zeros(DType.FLOAT64, Shape.of(40));
        fill(whole);
        DenseTensor part = DenseTensor.zeros(DType.FLOAT64, Shape.of(2, 3));
        whole.read(7, part.data(), 0, 6);
        assertTravelsAs(new DenseSlice(whole, 7, Shape.of(2, 3)), part);

        int length = 100_000; // more than one block
        float[] ramp = new float[length];
        for (int i = 0; i < length; i++) {
            ramp[i] = i / 3f;
        }
        EncodedTensor encoded = new EncodedTensor("ramp", DType.FLOAT32, Shape.of(length), new byte[0]);
        DecodedTensor decoded = new DecodedTensor(
                encoded, (payload, from, count, into, at) -> System.arraycopy(ramp, from, into, at, count));
        assertTravelsAs(decoded, DenseTensor.of(ramp));
    }

    private void assertTravelsAs(Tensor sent, DenseTensor expected) {
        Item item = Samples.item(1, new Body.Request(new KeyCommand.Init(sent, 0, null)));
        Frame frame = new Frame(Samples.A, Samples.B, 1, List.of(item));
        Frame read = (Frame) copy(frame, ByteBuffer.allocateDirect(1 << 20));
        Body.Request request = (Body.Request) read.items().get(0).body();
        assertThat(((KeyCommand.Init) request.command()).value()).isEqualTo(expected);
    }

    @Test
    void tensorsThatArriveAreFromThePool() {
        Frame frame = new Frame(Samples.A, Samples.B, 1, List.of(Samples.push("w", 1, Samples.DENSE)));
        Frame read = (Frame) copy(frame, ByteBuffer.allocate(1 << 10));
        assertThat(pool.liveBytes()).isEqualTo(8);
        Body.Request request = (Body.Request) read.items().get(0).body();
        ((KeyCommand.Push) request.command()).gradients().get(0).release();
        assertThat(pool.liveBytes()).isZero();
    }

    /** Its owner wants it no more; the others of the frame must not suffer. */
    @Test
    void anItemWhoseTensorIsGoneIsLeftOut() {
        DenseTensor gone = pool.take(DType.FLOAT32, Shape.of(3));
        gone.release();
        Item before = Samples.pull("a", 0, 1, 0);
        Item after = Samples.push("b", 3, Samples.DENSE);
        Frame frame = new Frame(Samples.A, Samples.B, 1, List.of(before, Samples.push("w", 2, gone), after));
        Frame read = (Frame) copy(frame, ByteBuffer.allocate(1 << 10));
        assertThat(read.items()).containsExactly(before, after);
    }

    @Test
    void anOptimizerTravels() {
        KeyConfig config = new KeyConfig(3, Optimizer.of("adam", Map.of("learning_rate", 0.25, "beta1", 0.5)), null);
        Item item = Samples.item(1, new Body.Request(new KeyCommand.Configure(config, 0, null)));
        Frame frame = new Frame(Samples.A, Samples.B, 1, List.of(item));
        assertThat(copy(frame, ByteBuffer.allocate(1 << 12))).isEqualTo(frame);
    }

    @Test
    void anUpdaterCannotTravel() {
        KeyConfig config = new KeyConfig(1, null, (key, received, stored) -> {});
        Item item = Samples.item(1, new Body.Request(new KeyCommand.Configure(config, 0, null)));
        assertThatThrownBy(() -> ItemCodec.size(item))
                .isInstanceOfSatisfying(
                        KVStoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNSUPPORTED))
                .hasMessageContaining("OptimizerRule");
    }

    @Test
    void everyCommandAndEveryReplyHasAForm() {
        assertThat(records(KeyCommand.class)).allMatch(Commands.KINDS::has).hasSizeGreaterThan(10);
        assertThat(records(KeyReply.class)).allMatch(Replies.KINDS::has).hasSizeGreaterThan(5);
    }

    @Test
    void everyCommandAndEveryReplyIsAmongTheSamples() {
        assertThat(Samples.commands().stream().map(Object::getClass).distinct())
                .containsExactlyInAnyOrderElementsOf(records(KeyCommand.class));
        assertThat(Samples.replies(0).stream().map(Object::getClass).distinct())
                .containsExactlyInAnyOrderElementsOf(records(KeyReply.class));
    }

    static List<Class<?>> records(Class<?> sealed) {
        return Arrays.stream(sealed.getPermittedSubclasses())
                .flatMap(type -> type.isSealed() ? records(type).stream() : Stream.of(type))
                .filter(type -> type != KeyCommand.PullInto.class) // names memory of one process
                .toList();
    }

    @ParameterizedTest
    @MethodSource("messages")
    void aMessageThatIsCutShortOrTooLongIsRefused(LinkMessage message) {
        byte[] whole = bytes(message);
        for (int length = 0; length < whole.length; length += Math.max(1, whole.length / 97)) {
            refused(Arrays.copyOf(whole, length));
        }
        refused(Arrays.copyOf(whole, whole.length + 1));
    }

    private void refused(byte[] bytes) {
        assertThatThrownBy(() -> LinkCodec.read(ByteBuffer.wrap(bytes), pool)).isInstanceOf(WireException.class);
        assertThat(pool.liveBytes()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 255})
    void anotherVersionIsRefusedByName(int version) {
        byte[] ping = bytes(new Ping(Samples.A, Samples.B, 3));
        ping[0] = (byte) version;
        assertThatThrownBy(() -> LinkCodec.read(ByteBuffer.wrap(ping), pool))
                .isInstanceOf(WireException.class)
                .hasMessage("a message of version " + version + "; this node speaks version 1");
    }

    @Test
    void aHelloOfAnotherVersionIsUnderstood() {
        Hello hello = new Hello(Samples.A, Samples.B, 77, "x");
        assertThat(LinkCodec.read(ByteBuffer.wrap(bytes(hello)), pool)).isEqualTo(hello);
    }

    @Test
    void anUnknownKindOfMessageIsRefusedByName() {
        byte[] ping = bytes(new Ping(Samples.A, Samples.B, 3));
        ping[1] = 99;
        assertThatThrownBy(() -> LinkCodec.read(ByteBuffer.wrap(ping), pool))
                .isInstanceOf(WireException.class)
                .hasMessage("a message of unknown kind 99; is the sender of a newer version?");
    }

    /** What the bytes after an item's head say is its own business: the items around it are read. */
    @Test
    void anItemThatMakesNoSenseIsSetAsideAlone() {
        Item first = Samples.pull("a", 0, 1, 0);
        Item last = Samples.pull("b", 0, 3, 0);
        for (Corruption corruption : corruptions()) {
            Frame frame = new Frame(Samples.A, Samples.B, 1, List.of(first, corruption.item, last));
            byte[] bytes = bytes(frame);
            corruption.apply(bytes, LinkCodec.size(new Frame(Samples.A, Samples.B, 1, List.of(first))));
            Frame read = (Frame) LinkCodec.read(ByteBuffer.wrap(bytes), pool);
            assertThat(read.items().get(0)).isEqualTo(first);
            assertThat(read.items().get(2)).isEqualTo(last);
            assertThat(read.items().get(1).body())
                    .as(corruption.name)
                    .isInstanceOfSatisfying(Body.Unreadable.class, unreadable -> {
                        assertThat(unreadable.asks()).isTrue();
                        assertThat(unreadable.why()).contains(corruption.why);
                    });
            assertThat(pool.liveBytes()).as(corruption.name).isZero();
        }
    }

    /** Puts {@code value} into the item, {@code at} bytes after its head. */
    private record Corruption(String name, Item item, int at, byte[] value, String why) {
        void apply(byte[] frame, int itemAt) {
            int body = at < 0 ? itemAt + 5 : itemAt + HEAD + at;
            System.arraycopy(value, 0, frame, body, value.length);
        }
    }

    /** Bytes of an item of store "default" and key "w" before its fields. */
    private static final int HEAD = 4 + 1 + 1 + 8 + 4 + (4 + 7) + (1 + 4 + 1) + 4;

    private static List<Corruption> corruptions() {
        Item init = Samples.item(2, new Body.Request(new KeyCommand.Init(Samples.DENSE, 0, null)));
        Item sparse = Samples.item(2, new Body.Request(new KeyCommand.Init(Samples.SPARSE, 0, null)));
        Item load = Samples.item(2, new Body.Request(Samples.commands().get(8)));
        byte[] huge = {0, 0, 0, 0, 0, 0, 0, 0x40};
        return List.of(
                new Corruption("unknown kind", init, -1, new byte[] {99}, "unknown kind 99"),
                new Corruption("unknown form", init, 0, new byte[] {9}, "unknown form 9"),
                new Corruption("unknown type", init, 1, new byte[] {100}, "unknown number 100"),
                new Corruption("rank", init, 2, new byte[] {33}, "33 dimensions, at most 32"),
                new Corruption("more elements than bytes", init, 3, new byte[] {3}, "expected 12 more bytes"),
                new Corruption("fewer elements than bytes", init, 3, new byte[] {1}, "4 bytes more than expected"),
                new Corruption("huge extent", init, 3, huge, "too large"),
                new Corruption("negative extent", init, 10, new byte[] {-1}, "negative extent"),
                new Corruption("overflowing shape", sparse, 3, join(huge, huge), "more elements than can be counted"),
                new Corruption("row ids out of order", sparse, 3 + 16 + 4, new byte[] {4}, "sorted and unique"),
                new Corruption("row id out of range", sparse, 3 + 16 + 4 + 8, new byte[] {5}, "outside [0, 5)"),
                new Corruption("more row ids than bytes", sparse, 3 + 16, new byte[] {-1, -1, -1, 0x7f}, "expected"),
                new Corruption("slice of nothing", load, 3 + 16, new byte[] {0, 0, 0, 0}, "at least 1 element"));
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    @Test
    void reasonsThatThisVersionDoesNotKnowAreInternal() {
        Item refused = Samples.item(7, new Body.Answer(new KeyReply.Refused(Samples.KEY, 7, Reason.TIMEOUT, "m")));
        Frame frame = new Frame(Samples.A, Samples.B, 1, List.of(refused));
        byte[] bytes = bytes(frame);
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        bytes[text.indexOf("TIMEOUT")] = 'X';
        Frame read = (Frame) LinkCodec.read(ByteBuffer.wrap(bytes), pool);
        assertThat(read.items().get(0).body())
                .isEqualTo(new Body.Answer(new KeyReply.Refused(Samples.KEY, 7, Reason.INTERNAL, "m")));
    }

    @Test
    void integerKeysAndSlicesTravel() {
        Item item = new Item(-1, "s", new Part(Key.of(Long.MIN_VALUE), 70_000), Integer.MIN_VALUE, new Body.NotHere());
        Frame frame = new Frame(Samples.A, Samples.B, 1, List.of(item));
        assertThat(copy(frame, ByteBuffer.allocate(1 << 10))).isEqualTo(frame);
    }

    @Test
    void anOriginWithoutAWorkerIsNone() {
        Item item = Samples.item(1, new Body.Request(new KeyCommand.Push(List.of(), Origin.none(), 0, null)));
        Frame frame = new Frame(Samples.A, Samples.B, 1, List.of(item));
        assertThat(copy(frame, ByteBuffer.allocate(1 << 10))).isEqualTo(frame);
    }
}
