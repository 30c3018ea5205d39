package io.kvstore.examples.gpu;

import io.kvstore.Key;
import io.kvstore.actor.KeyReply;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;

/** A program's gradients and outputs in Java's memory: for each key one of each logical device. */
final class HostArrays implements Rounds.Arrays {
    private final List<List<DenseTensor>> gradients = new ArrayList<>();
    private final List<List<DenseTensor>> outs = new ArrayList<>();

    HostArrays(List<Integer> lengths, int devices) {
        for (int length : lengths) {
            Shape shape = Shape.of(length);
            gradients.add(IntStream.range(0, devices)
                    .mapToObj(device -> Samples.filled(Rounds.gradient(device), shape))
                    .toList());
            outs.add(IntStream.range(0, devices)
                    .mapToObj(device -> Samples.filled(0, shape))
                    .toList());
        }
    }

    @Override
    public void pushAndPull(Store store) {
        List<CompletionStage<KeyReply>> answers = new ArrayList<>();
        for (int key = 0; key < gradients.size(); key++) {
            answers.add(store.send(Key.of(key), Store.pushPullOf(gradients.get(key))));
        }
        for (int key = 0; key < outs.size(); key++) {
            KeyReply reply = Store.await(answers.get(key));
            Expect.that(reply instanceof KeyReply.Value, () -> "a value, not " + reply);
            DenseTensor value = ((KeyReply.Value) reply).value();
            for (DenseTensor out : outs.get(key)) {
                value.read(0, out.data(), 0, out.length());
            }
            reply.release();
        }
    }

    @Override
    public DenseTensor out(int key, int device) {
        return outs.get(key).get(device);
    }

    @Override
    public void close() {}
}
