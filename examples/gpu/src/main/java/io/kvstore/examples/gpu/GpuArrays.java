package io.kvstore.examples.gpu;

import io.kvstore.Key;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyReply;
import io.kvstore.cuda.CudaDriver;
import io.kvstore.cuda.Gpu;
import io.kvstore.cuda.GpuEvent;
import io.kvstore.cuda.GpuStream;
import io.kvstore.cuda.PinnedMemory;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.DeviceTensor;
import io.kvstore.tensor.Shape;
import io.kvstore.tensor.TensorBytes;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** A program's gradients and outputs in the memory of a GPU, used in its default stream, as those of a training framework. */
final class GpuArrays implements Rounds.Arrays {
    private static final long DEFAULT_STREAM = 0;
    private static final long PATIENCE_NANOS = 60_000_000_000L;

    private final Gpu gpu;
    private final GpuStream stream;
    private final GpuEvent event;
    private final List<List<DeviceTensor>> gradients = new ArrayList<>();
    private final List<List<DeviceTensor>> outs = new ArrayList<>();

    GpuArrays(CudaDriver driver, int ordinal, List<Integer> lengths, int devices) {
        gpu = driver.open(ordinal);
        stream = gpu.streamOf(DEFAULT_STREAM);
        event = gpu.newEvent();
        for (int length : lengths) {
            List<DeviceTensor> pushed = new ArrayList<>();
            List<DeviceTensor> pulled = new ArrayList<>();
            for (int device = 0; device < devices; device++) {
                pushed.add(array(ordinal, length, Rounds.gradientByte(device)));
                pulled.add(array(ordinal, length, (byte) 0));
            }
            gradients.add(pushed);
            outs.add(pulled);
        }
        finish();
    }

    private DeviceTensor array(int ordinal, int length, byte content) {
        long bytes = (long) length * Float.BYTES;
        long address = gpu.allocate(bytes);
        stream.fill(address, content, bytes);
        return DeviceTensor.of(ordinal, address, DType.FLOAT32, Shape.of(length), DEFAULT_STREAM);
    }

    @Override
    public void pushAndPull(Store store) {
        List<CompletionStage<KeyReply>> answers = new ArrayList<>();
        for (int key = 0; key < gradients.size(); key++) {
            answers.add(store.send(Key.of(key), Store.pushOf(gradients.get(key))));
            answers.add(store.send(Key.of(key), new KeyCommand.PullInto(outs.get(key), 0, null)));
        }
        for (CompletionStage<KeyReply> answer : answers) {
            KeyReply reply = Store.await(answer);
            Expect.that(reply instanceof KeyReply.Done, () -> "done, not " + reply);
        }
        finish();
    }

    /** Waits until the default stream has done all; without a pause, which would be measured too. */
    private void finish() {
        stream.record(event);
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!event.isDone()) {
            Expect.that(System.nanoTime() < deadline, () -> "the GPU is done within a minute");
            Thread.onSpinWait();
        }
    }

    @Override
    public DenseTensor out(int key, int device) {
        DeviceTensor out = outs.get(key).get(device);
        DenseTensor copy = DenseTensor.zeros(out.dtype(), out.shape());
        try (PinnedMemory pinned = gpu.allocatePinned((int) out.bytes())) {
            stream.download(pinned, 0, out.address(), (int) out.bytes());
            finish();
            TensorBytes.get(pinned.bytes().order(ByteOrder.nativeOrder()), copy, 0, copy.length());
        }
        return copy;
    }

    @Override
    public void close() {
        finish();
        for (List<List<DeviceTensor>> all : List.of(gradients, outs)) {
            all.forEach(ofKey -> ofKey.forEach(array -> gpu.free(array.address())));
        }
        event.close();
        stream.close();
        gpu.close();
    }
}
