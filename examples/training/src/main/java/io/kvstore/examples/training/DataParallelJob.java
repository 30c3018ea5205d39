package io.kvstore.examples.training;

import io.kvstore.KVStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Synchronous data-parallel training: each device computes gradients on its share of a batch, the store sums them and
 * applies the optimizer, all devices pull the new weights.
 */
final class DataParallelJob implements AutoCloseable {
    private final KVStore store;
    private final List<Replica> replicas;
    private final List<String> keys;
    private final List<List<INDArray>> weights;
    private final ExecutorService devices;

    /** Initialises the store's keys with the first replica's weights; the store stays the caller's. */
    DataParallelJob(KVStore store, List<Replica> replicas) {
        this.store = store;
        this.replicas = replicas;
        this.keys = List.copyOf(replicas.get(0).weights().keySet());
        this.weights = perKey(replicas.stream().map(Replica::weights).toList());
        this.devices = Executors.newFixedThreadPool(replicas.size());
        store.init(replicas.get(0).weights());
        store.pull(keys, weights);
    }

    List<String> keys() {
        return keys;
    }

    /** One round over the rows of {@code data} at {@code batch}; returns the loss before it, summed over the rows. */
    double step(Data data, int[] batch) {
        List<Replica.Gradient> gradients = gradients(data, batch);
        store.push(keys, perKey(gradients.stream().map(Replica.Gradient::byKey).toList()));
        store.pull(keys, weights);
        return gradients.stream().mapToDouble(Replica.Gradient::loss).sum();
    }

    private List<Replica.Gradient> gradients(Data data, int[] batch) {
        List<Callable<Replica.Gradient>> work = new ArrayList<>();
        for (int device = 0; device < replicas.size(); device++) {
            Replica replica = replicas.get(device);
            Data share = data.select(share(batch, device, replicas.size()));
            work.add(() -> replica.gradient(share, batch.length));
        }
        try {
            List<Replica.Gradient> gradients = new ArrayList<>();
            for (Future<Replica.Gradient> gradient : devices.invokeAll(work)) {
                gradients.add(gradient.get());
            }
            return gradients;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the devices computed gradients", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a device failed: " + e.getCause(), e.getCause());
        }
    }

    /** Shares differ by one row at most; they are empty where there are fewer rows than devices. */
    static int[] share(int[] batch, int device, int devices) {
        return Arrays.copyOfRange(batch, batch.length * device / devices, batch.length * (device + 1) / devices);
    }

    private List<List<INDArray>> perKey(List<? extends Map<String, INDArray>> perDevice) {
        return keys.stream()
                .map(key -> perDevice.stream().map(arrays -> arrays.get(key)).toList())
                .toList();
    }

    @Override
    public void close() {
        devices.shutdown();
    }
}
