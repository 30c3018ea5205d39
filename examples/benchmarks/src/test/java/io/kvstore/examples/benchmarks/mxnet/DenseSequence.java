package io.kvstore.examples.benchmarks.mxnet;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.KVStore;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One random sequence of dense operations, on a store of this project and on MXNet's. Whatever either gives back has the
 * same bits.
 *
 * <p>It keeps clear of what MXNet leaves undefined: the first push of several arrays to a key has the most arrays of all
 * (MXNet allocates its buffers then and never again), and one call pushes at most {@value #STABLE} arrays unless their sums
 * are exact (beyond, MXNet's sorting by key is not stable, and the order of additions with it).
 */
final class DenseSequence {
    private static final int STEPS = 30;
    private static final int STABLE = 16;

    private final Random random;
    private final KVStore ours;
    private final MxKVStore theirs;
    private final boolean named;
    private final boolean exact;
    private final List<KeySpec> keys = new ArrayList<>();
    private final Set<Object> summed = new HashSet<>();
    private String step = "";

    /** @param devices the most arrays that are pushed to the key at once */
    private record KeySpec(Object key, MxType type, int[] shape, int devices) {}

    /** Arrays of both stores, entry by entry of a call's lists. */
    private record Arrays(List<KeySpec> specs, List<Object> keys, List<List<INDArray>> ours, List<List<MxArray>> theirs)
            implements AutoCloseable {
        Arrays() {
            this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        }

        @Override
        public void close() {
            theirs.forEach(entry -> entry.forEach(MxArray::close));
        }
    }

    DenseSequence(Random random, Both both) {
        this.random = random;
        ours = both.ours();
        theirs = both.theirs();
        named = random.nextBoolean();
        exact = random.nextBoolean();
    }

    void run() {
        try {
            for (int i = 0; i < 3; i++) {
                create();
            }
            for (int i = 0; i < STEPS; i++) {
                any(random.nextInt(10));
            }
            pull(keys);
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("after " + step + ": " + e.getMessage(), e);
        }
    }

    private void any(int choice) {
        switch (choice) {
            case 0 -> create();
            case 1, 2, 3, 4 -> push();
            case 5, 6 -> pushPull();
            default -> pull(some());
        }
    }

    private void did(String operation, Object what) {
        step += "\n  " + operation + " " + what;
    }

    /** Initialises one more key, or initialises it and pulls it at once. */
    private void create() {
        int number = keys.size();
        Object key = named ? "key" + (char) ('z' - number) : (Object) (7 * number % 50);
        MxType type = MxType.values()[random.nextInt(MxType.values().length)];
        int[] shape = random.ints(1 + random.nextInt(4), 1, 6).toArray();
        KeySpec spec = new KeySpec(key, type, shape, 1 + random.nextInt(Differential.DEVICES));
        keys.add(spec);
        Sample value = sample(spec);
        try (MxArray copy = value.toMx(0)) {
            if (random.nextBoolean()) {
                did("init", key + " " + value);
                ours.init(List.of(key), List.of(value.toNd()));
                theirs.init(key, copy);
                return;
            }
            did("broadcast", key + " " + value);
            try (Arrays outs = outs(List.of(spec))) {
                ours.broadcast(List.of(key), List.of(value.toNd()), outs.ours);
                theirs.broadcast(key, copy, outs.theirs.get(0));
                compare(outs);
            }
        }
    }

    private void push() {
        try (Arrays values = values()) {
            did("push", describe(values));
            ours.push(values.keys, values.ours);
            theirs.push(values.keys, values.theirs);
        }
    }

    private void pushPull() {
        try (Arrays values = values()) {
            did("pushPull", describe(values));
            if (random.nextBoolean()) {
                ours.pushPull(values.keys, values.ours);
                theirs.pushPull(values.keys, values.theirs, values.theirs);
                compare(values);
                return;
            }
            try (Arrays outs = outs(values.specs)) {
                ours.pushPull(values.keys, values.ours, outs.ours);
                theirs.pushPull(values.keys, values.theirs, outs.theirs);
                compare(outs);
            }
        }
    }

    private void pull(List<KeySpec> specs) {
        try (Arrays outs = outs(specs)) {
            did("pull", outs.keys);
            ours.pull(outs.keys, outs.ours);
            theirs.pull(outs.keys, outs.theirs);
            compare(outs);
        }
    }

    private void compare(Arrays arrays) {
        for (int i = 0; i < arrays.keys.size(); i++) {
            for (int j = 0; j < arrays.ours.get(i).size(); j++) {
                Sample given = Sample.of(arrays.ours.get(i).get(j));
                Sample expected = Sample.of(arrays.theirs.get(i).get(j));
                assertThat(given.difference(expected))
                        .as("%s, array %d", arrays.keys.get(i), j)
                        .isEmpty();
            }
        }
    }

    /** Gradients for some keys, those for one key in one or two entries of the lists. */
    private Arrays values() {
        Arrays values = new Arrays();
        int budget = exact ? Integer.MAX_VALUE : STABLE;
        List<KeySpec> entries = new ArrayList<>();
        List<Integer> counts = new ArrayList<>();
        for (KeySpec spec : some()) {
            boolean first = !summed.contains(spec.key);
            int count = random.nextInt(3) == 0 ? 1 : first ? spec.devices : 1 + random.nextInt(spec.devices);
            if (count > budget) {
                continue;
            }
            budget -= count;
            if (count > 1) {
                summed.add(spec.key);
            }
            int split = random.nextInt(3) == 0 ? random.nextInt(count) : 0;
            for (int size : split == 0 ? new int[] {count} : new int[] {split, count - split}) {
                entries.add(spec);
                counts.add(size);
            }
        }
        if (entries.isEmpty()) {
            entries.add(keys.get(0));
            counts.add(1);
        }
        for (int i = 0; i < entries.size(); i++) {
            KeySpec spec = entries.get(i);
            List<Sample> samples = new ArrayList<>();
            for (int j = 0; j < counts.get(i); j++) {
                samples.add(sample(spec));
            }
            add(values, spec, samples);
        }
        return values;
    }

    /** Outputs full of other values, some of another type. */
    private Arrays outs(List<KeySpec> specs) {
        Arrays outs = new Arrays();
        for (KeySpec spec : specs) {
            MxType type = spec.type;
            if (!Sample.isInteger(type) && random.nextInt(4) == 0) {
                type = List.of(MxType.FLOAT32, MxType.FLOAT64, MxType.FLOAT16).get(random.nextInt(3));
            }
            List<Sample> samples = new ArrayList<>();
            for (int i = random.nextInt(spec.devices); i >= 0; i--) {
                samples.add(Sample.random(random, type, spec.shape));
            }
            add(outs, spec, samples);
        }
        return outs;
    }

    private void add(Arrays arrays, KeySpec spec, List<Sample> samples) {
        List<INDArray> mine = new ArrayList<>();
        List<MxArray> copies = new ArrayList<>();
        for (Sample sample : samples) {
            INDArray array = sample.toNd();
            mine.add(random.nextInt(3) == 0 ? array.dup('f') : array);
            copies.add(sample.toMx(copies.size()));
        }
        arrays.specs.add(spec);
        arrays.keys.add(spec.key);
        arrays.ours.add(mine);
        arrays.theirs.add(copies);
    }

    /** Of bfloat16 always what is exact: MXNet cuts its sums off, see {@link DeliberateDifferencesTest}. */
    private Sample sample(KeySpec spec) {
        return exact || spec.type == MxType.BFLOAT16
                ? Sample.small(random, spec.type, spec.shape)
                : Sample.random(random, spec.type, spec.shape);
    }

    /** One key or more, none twice, in any order. */
    private List<KeySpec> some() {
        List<KeySpec> all = new ArrayList<>(keys);
        Collections.shuffle(all, random);
        return all.subList(0, 1 + random.nextInt(all.size()));
    }

    private static String describe(Arrays arrays) {
        return arrays.keys + " " + arrays.ours.stream().map(List::size).toList();
    }
}
