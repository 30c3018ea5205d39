package io.kvstore.examples.benchmarks.mxnet;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.KVStore;
import io.kvstore.RowSparse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * One random sequence of operations with row-sparse values, on a store of this project and on MXNet's. Whatever either
 * gives back has the same bits.
 *
 * <p>The first push of several values to a key has the most of all, as in {@link DenseSequence}.
 */
final class RowSparseSequence {
    private static final int STEPS = 30;

    private final Random random;
    private final KVStore ours;
    private final MxKVStore theirs;
    private final List<KeySpec> keys = new ArrayList<>();
    private final Set<String> summed = new HashSet<>();
    private String step = "";

    /** @param sparse whether the key itself is row-sparse; its gradients always are */
    private record KeySpec(String key, boolean sparse, int[] shape, int devices) {}

    RowSparseSequence(Random random, Both both) {
        this.random = random;
        ours = both.ours();
        theirs = both.theirs();
    }

    void run() {
        try {
            for (int i = 0; i < 4; i++) {
                init();
            }
            for (int i = 0; i < STEPS; i++) {
                KeySpec spec = keys.get(random.nextInt(keys.size()));
                switch (random.nextInt(spec.sparse ? 5 : 3)) {
                    case 0, 1 -> push(spec);
                    case 2 -> pull(spec);
                    default -> pullRows(spec);
                }
            }
            keys.forEach(this::pull);
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("after " + step + ": " + e.getMessage(), e);
        }
    }

    private void init() {
        int[] shape = random.ints(1 + random.nextInt(3), 1, 6).toArray();
        shape[0] += random.nextInt(20);
        String key = "key" + keys.size();
        KeySpec spec = new KeySpec(key, random.nextInt(3) > 0, shape, 1 + random.nextInt(Differential.DEVICES));
        keys.add(spec);
        step += "\n  init " + spec + " " + Arrays.toString(shape);
        if (!spec.sparse) {
            Sample value = Sample.random(random, MxType.FLOAT32, shape);
            ours.init(key, value.toNd());
            try (MxArray copy = value.toMx(0)) {
                theirs.init(key, copy);
            }
            return;
        }
        Rows value = Rows.random(random, random.nextInt(3) / 2.0, shape);
        ours.init(key, value.toOurs());
        try (MxArray copy = value.toMx(0)) {
            theirs.init(key, copy);
        }
    }

    private void push(KeySpec spec) {
        int count = summed.contains(spec.key) ? 1 + random.nextInt(spec.devices) : spec.devices;
        if (count > 1) {
            summed.add(spec.key);
        }
        List<RowSparse> values = new ArrayList<>();
        List<MxArray> copies = new ArrayList<>();
        for (int device = 0; device < count; device++) {
            Rows rows = Rows.random(random, random.nextInt(5) / 4.0, spec.shape);
            values.add(rows.toOurs());
            copies.add(rows.toMx(device));
        }
        step += "\n  push " + spec.key + " "
                + values.stream().map(value -> Arrays.toString(value.ids())).toList();
        ours.push(List.of(spec.key), List.of(values));
        theirs.push(spec.key, copies);
        copies.forEach(MxArray::close);
    }

    private void pull(KeySpec spec) {
        step += "\n  pull " + spec.key;
        Sample given = Sample.of(ours.pull(spec.key));
        try (MxArray out = Sample.random(random, MxType.FLOAT32, spec.shape).toMx(0)) {
            theirs.pull(spec.key, List.of(out));
            assertThat(given.difference(Sample.of(out))).as(spec.key).isEmpty();
        }
    }

    /** Ids in any order, with repeats, as a vector or a matrix, for one device or several. */
    private void pullRows(KeySpec spec) {
        List<INDArray> ids = new ArrayList<>();
        List<long[]> asked = new ArrayList<>();
        for (int device = random.nextInt(spec.devices); device >= 0; device--) {
            int[] extents = random.ints(1 + random.nextInt(2), 1, 5).toArray();
            int count = Arrays.stream(extents).reduce(1, Math::multiplyExact);
            long[] some = random.longs(count, 0, spec.shape[0]).toArray();
            asked.add(some);
            ids.add(Nd4j.createFromArray(some)
                    .reshape(LongStream.range(0, extents.length)
                            .map(i -> extents[(int) i])
                            .toArray()));
        }
        step += "\n  pullRows " + spec.key + " "
                + asked.stream().map(Arrays::toString).toList();
        List<RowSparse> given = ours.rowSparsePull(List.of(spec.key), List.of(ids));
        for (int device = 0; device < given.size(); device++) {
            long[] unique = Arrays.stream(asked.get(device)).sorted().distinct().toArray();
            assertThat(given.get(device).ids()).as(spec.key).isEqualTo(unique);
            compare(spec, Sample.of(ids.get(device)), device, given.get(device));
        }
    }

    private void compare(KeySpec spec, Sample ids, int device, RowSparse given) {
        try (MxArray wanted = ids.toMx(0);
                MxArray out = MxArray.rowSparse(device, new long[0], new float[0], spec.shape)) {
            theirs.pullRows(spec.key, out, wanted);
            assertThat(Sample.of(given.toDense()).difference(floats(out)))
                    .as(spec.key)
                    .isEmpty();
        }
    }

    private static Sample floats(MxArray array) {
        float[] values = array.toFloats();
        double[] wide = new double[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        return Sample.of(MxType.FLOAT32, array.shape(), wide);
    }
}
