package io.kvstore.examples.benchmarks.jmh;

import io.kvstore.Key;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.Origin;
import io.kvstore.actor.Part;
import io.kvstore.cluster.link.Body;
import io.kvstore.cluster.link.Item;
import io.kvstore.cluster.link.LinkCodec;
import io.kvstore.cluster.link.LinkMessage;
import io.kvstore.cluster.link.NodeId;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DenseTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A frame of pushes into bytes and back, one push of 1 MiB or 100 of 16 floats, through direct memory as Akka gives it; beside
 * bulk copies of the same elements to and from such memory.
 *
 * <p>{@code ./mvnw -q compile exec:exec -pl examples/benchmarks -am -Dmain.class=org.openjdk.jmh.Main -Dargs=FrameBenchmark}
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public class FrameBenchmark {
    private static final NodeId WORKER = new NodeId("kvstore", "127.0.0.1", 25520, 1);
    private static final NodeId SERVER = new NodeId("kvstore", "127.0.0.1", 25521, 2);

    /** How many pushes of how many floats are in the frame. */
    @Param({"1x262144", "100x16"})
    public String pushes;

    private final BufferPool pool = new BufferPool(64 << 20);
    private int count;
    private float[] elements;
    private LinkMessage frame;
    private ByteBuffer bytes;
    private ByteBuffer copy;

    @Setup
    public void make() {
        String[] counts = pushes.split("x");
        count = Integer.parseInt(counts[0]);
        DenseTensor gradient = Samples.tensor(Integer.parseInt(counts[1]));
        elements = gradient.floats();
        List<Item> items =
                IntStream.range(0, count).mapToObj(i -> push(i, gradient)).toList();
        frame = new LinkMessage.Frame(WORKER, SERVER, 1, items, null);
        bytes = ByteBuffer.allocateDirect(LinkCodec.size(frame));
        copy = ByteBuffer.allocateDirect(elements.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        LinkCodec.write(frame, bytes);
    }

    private static Item push(int i, DenseTensor gradient) {
        Origin origin = new Origin("worker", 1, 1, 1);
        KeyCommand push = new KeyCommand.Push(List.of(gradient), origin, 0, null);
        return new Item(i, "default", Part.head(Key.of(i)), 0, new Body.Request(push));
    }

    @Benchmark
    public ByteBuffer encode() {
        LinkCodec.write(frame, bytes.clear());
        return bytes;
    }

    @Benchmark
    public int decode() {
        LinkMessage.Frame read = (LinkMessage.Frame) LinkCodec.read(bytes.rewind(), pool);
        read.items().forEach(item -> item.body().release());
        return read.items().size();
    }

    @Benchmark
    public ByteBuffer baselineCopyToBytes() {
        for (int i = 0; i < count; i++) {
            copy.asFloatBuffer().put(elements);
        }
        return copy;
    }

    @Benchmark
    public float[] baselineCopyFromBytes() {
        for (int i = 0; i < count; i++) {
            copy.asFloatBuffer().get(elements);
        }
        return elements;
    }
}
