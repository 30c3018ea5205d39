package io.kvstore.examples.benchmarks.mxnet;

import io.kvstore.KVStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A store of this project and one of MXNet's that are given the same. */
final class Both implements AutoCloseable {
    private final KVStore ours;
    private final MxKVStore theirs;
    private final Map<Object, Sample> inits = new HashMap<>();

    Both(KVStore ours, MxKVStore theirs) {
        this.ours = ours;
        this.theirs = theirs;
    }

    KVStore ours() {
        return ours;
    }

    MxKVStore theirs() {
        return theirs;
    }

    void init(Object key, Sample value) {
        inits.put(key, value);
        ours.init(List.of(key), List.of(value.toNd()));
        try (MxArray copy = value.toMx(0)) {
            theirs.init(key, copy);
        }
    }

    /** Pushes one array of each device. */
    void push(Object key, Sample... gradients) {
        List<INDArray> arrays = new ArrayList<>();
        List<MxArray> copies = new ArrayList<>();
        for (Sample gradient : gradients) {
            arrays.add(gradient.toNd());
            copies.add(gradient.toMx(copies.size()));
        }
        ours.push(List.of(key), List.of(arrays));
        theirs.push(key, copies);
        copies.forEach(MxArray::close);
    }

    Sample ours(Object key) {
        return Sample.of(ours.pull(List.of(key)).get(0));
    }

    Sample mxnets(Object key) {
        try (MxArray out = inits.get(key).toMx(0)) {
            theirs.pull(key, List.of(out));
            return Sample.of(out);
        }
    }

    /** What tells the key's value here from MXNet's, to the bit, or nothing. */
    String difference(Object key) {
        return ours(key).difference(mxnets(key));
    }

    @Override
    public void close() {
        theirs.close();
        ours.close();
    }
}
