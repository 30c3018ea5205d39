package io.kvstore.cluster.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.aeron.CommonContext;
import io.aeron.ExclusivePublication;
import io.aeron.Subscription;
import io.aeron.logbuffer.BufferClaim;
import io.aeron.logbuffer.FrameDescriptor;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.Origin;
import io.kvstore.cluster.ClusterSettings.Road;
import io.kvstore.cluster.ClusterSettings.RoadKind;
import io.kvstore.cluster.link.LinkMessage.Frame;
import io.kvstore.cluster.link.LinkMessage.Ping;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseSlice;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import io.kvstore.tensor.TensorBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** One stream of a real media driver, written and read by this thread. */
@Timeout(60)
class IpcStreamsTest {
    private static final int FRAME = 300_000;

    @TempDir
    Path directory;

    private final BufferPool pool = new BufferPool(1 << 20);
    private final List<LinkMessage> arrived = new ArrayList<>();
    private IpcReader reader;
    private IpcRing elementsIn;
    private IpcRing elementsOut;
    private IpcDriver driver;
    private Subscription in;
    private ExclusivePublication out;
    private IpcWriter writer;

    @BeforeEach
    void open() throws IOException {
        Road road = new Road(RoadKind.AUTO, Optional.of(directory.resolve("ipc").toString()), 64 * 1024);
        driver = IpcDriver.launch(Samples.A, road, IpcDriver.termBytes(road, FRAME));
        in = driver.aeron().addSubscription(CommonContext.IPC_CHANNEL, 2);
        out = driver.aeron().addExclusivePublication(IpcDriver.channel(driver.termBytes()), 2);
        Path ring = driver.directory().resolve("ring");
        elementsOut = IpcRing.create(ring, IpcRing.capacity(FRAME));
        elementsIn = IpcRing.open(ring);
        writer = new IpcWriter(out, elementsOut, FRAME);
        reader = new IpcReader(elementsIn, pool, arrived::add);
        while (in.imageCount() == 0) {
            driver.work();
        }
    }

    @AfterEach
    void close() {
        elementsIn.close();
        elementsOut.close();
        driver.close();
        assertThat(directory.resolve("ipc")).isEmptyDirectory();
    }

    /** Reads all that was written. */
    private void read() {
        do {
            driver.work();
        } while (reader.read(in.imageAtIndex(0)) > 0);
    }

    private LinkMessage sent(LinkMessage message) {
        arrived.clear();
        assertThat(writer.write(message)).as("room for %s", message.getClass()).isTrue();
        read();
        assertThat(arrived).hasSize(1);
        return arrived.get(0);
    }

    @ParameterizedTest
    @MethodSource("io.kvstore.cluster.link.LinkCodecTest#messages")
    void everyKindOfMessageArrivesAsItWas(LinkMessage message) {
        LinkCodecTest.same(sent(message), message);
    }

    /** Of sizes around those at which elements leave the fields, and fragments end, in messages that pass the terms' ends. */
    @ParameterizedTest
    @EnumSource
    void elementsArriveBitByBit(DType dtype) {
        long seed = 20261124;
        Random random = new Random(seed);
        int[] sizes = {0, 8, 4088, 4096, 4104, 65_400, 65_464, 65_472, 65_480, 131_000, 196_424, 280_000};
        for (int round = 0; round < 4; round++) {
            for (int size : sizes) {
                DenseTensor tensor = random(random, dtype, size / dtype.bytes());
                Item first = Samples.push("key" + random.nextInt(1000), 1, random(random, dtype, random.nextInt(600)));
                Item second = Samples.push("w", 2, tensor);
                Frame frame = new Frame(Samples.A, Samples.B, round, List.of(first, second));
                LinkMessage copy = sent(frame);
                assertThat(copy)
                        .as("seed %d, %d bytes of %s", seed, size, dtype)
                        .isEqualTo(frame);
                ((Frame) copy).items().forEach(item -> item.body().release());
            }
        }
        assertThat(pool.liveBytes()).isZero();
    }

    private static DenseTensor random(Random random, DType dtype, int length) {
        byte[] bytes = new byte[length * dtype.bytes()];
        random.nextBytes(bytes);
        DenseTensor tensor = DenseTensor.zeros(dtype, Shape.of(length));
        TensorBytes.get(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN), tensor, 0, length);
        return tensor;
    }

    @Test
    void severalTensorsAndSlicesOfOneTravelInOneMessage() {
        DenseTensor whole = random(new Random(5), DType.FLOAT32, 50_000);
        List<DenseTensor> gradients =
                List.of(random(new Random(6), DType.FLOAT64, 1111), random(new Random(7), DType.INT8, 70_001), whole);
        KeyCommand.Push push = new KeyCommand.Push(List.copyOf(gradients), Origin.none(), 0, null);
        DenseSlice slice = new DenseSlice(whole, 17, Shape.of(20_000));
        KeyCommand.Push sliced = new KeyCommand.Push(List.of(slice), Origin.none(), 0, null);
        Frame sent = new Frame(
                Samples.A,
                Samples.B,
                1,
                List.of(Samples.item(1, new Body.Request(push)), Samples.item(2, new Body.Request(sliced))));

        Frame copy = (Frame) sent(sent);

        assertThat(copy.items().get(0)).isEqualTo(sent.items().get(0));
        DenseTensor part = (DenseTensor)
                ((KeyCommand.Push) ((Body.Request) copy.items().get(1).body()).command())
                        .gradients()
                        .get(0);
        DenseTensor expected = DenseTensor.zeros(DType.FLOAT32, Shape.of(20_000));
        slice.read(0, expected.data(), 0, 20_000);
        assertThat(part).isEqualTo(expected);
    }

    @Test
    void messageOfManySmallItemsTakesSeveralFragments() {
        List<Item> items = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            items.add(Samples.push("key" + i, i, random(new Random(i), DType.FLOAT32, 8)));
        }
        Frame frame = new Frame(Samples.A, Samples.B, 1, items);
        assertThat(LinkCodec.size(frame)).isBetween(2 * IpcFormat.PAYLOAD, FRAME);
        assertThat(sent(frame)).isEqualTo(frame);
    }

    @Test
    void itemWhoseTensorWasReleasedIsLeftOut() {
        DenseTensor released = pool.take(DType.FLOAT32, Shape.of(10_000));
        Item withdrawn = Samples.push("w", 1, released);
        Item wanted = Samples.push("v", 2, random(new Random(1), DType.FLOAT32, 10_000));
        released.release();
        Frame copy = (Frame) sent(new Frame(Samples.A, Samples.B, 1, List.of(withdrawn, wanted)));
        assertThat(copy.items()).containsExactly(wanted);
    }

    @Test
    void whoReadsTooSlowlyLosesNothing() {
        List<LinkMessage> waiting = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            DenseTensor tensor = random(new Random(i), DType.FLOAT32, 60_000);
            waiting.add(new Frame(Samples.A, Samples.B, i, List.of(Samples.push("w", i, tensor))));
        }
        List<LinkMessage> all = List.copyOf(waiting);
        int refused = 0;
        while (!waiting.isEmpty()) {
            if (writer.write(waiting.get(0))) {
                waiting.remove(0);
            } else {
                refused++;
                driver.work();
                reader.read(in.imageAtIndex(0));
            }
        }
        read();
        assertThat(refused).isPositive();
        assertThat(arrived).isEqualTo(all);
    }

    @Test
    void messageThatWasBegunAndNeverEndedHoldsUpNoOther() {
        for (byte[] flags : new byte[][] {{FrameDescriptor.BEGIN_FRAG_FLAG, 0}, {0}}) {
            for (byte flag : flags) {
                BufferClaim claim = new BufferClaim();
                assertThat(out.tryClaim(IpcFormat.PAYLOAD, claim)).isPositive();
                claim.flags(flag).commit();
            }
            Ping ping = new Ping(Samples.A, Samples.B, 9);
            assertThat(sent(ping)).isEqualTo(ping);
        }
    }

    @Test
    void garbageIsPassedOver() {
        long seed = 7;
        Random random = new Random(seed);
        DenseTensor tensor = random(random, DType.FLOAT32, 20_000);
        Frame frame = new Frame(Samples.A, Samples.B, 1, List.of(Samples.push("w", 1, tensor)));
        for (int i = 0; i < 300; i++) {
            byte[] bytes = new byte[random.nextInt(2 * IpcFormat.PAYLOAD)];
            if (i % 2 == 0) {
                random.nextBytes(bytes);
            } else if (bytes.length > 64) { // fields of a sensible length, which are none
                new UnsafeBuffer(bytes).putInt(0, random.nextInt(64), ByteOrder.LITTLE_ENDIAN);
            }
            while (out.offer(new UnsafeBuffer(bytes)) < 0) {
                read();
            }
        }
        read();
        assertThat(arrived).isEmpty();
        assertThat(pool.liveBytes()).as("seed %d", seed).isZero();
        assertThat(sent(frame)).isEqualTo(frame);
    }
}
