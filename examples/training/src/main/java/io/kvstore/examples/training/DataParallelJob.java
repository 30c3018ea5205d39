package io.kvstore.examples.training;

import io.kvstore.KVStore;
import io.kvstore.Trainer;
import io.kvstore.optimizer.Optimizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Synchronous data-parallel training: each device of each worker computes gradients on its share of a batch, the store sums
 * them and applies the optimizer, all devices get the new weights.
 */
final class DataParallelJob implements AutoCloseable {
    private final Trainer trainer;
    private final List<Replica> replicas;
    private final List<String> keys;
    private final ExecutorService devices;
    private final int rank;
    private final int workers;

    /**
     * What one round cost.
     *
     * @param loss before it, summed over {@code rows}
     * @param rows that this worker computed
     */
    record Step(double loss, int rows) {}

    /** All replicas begin with the first one's weights; the store stays the caller's. */
    DataParallelJob(KVStore store, Optimizer optimizer, List<Replica> replicas) {
        this.replicas = replicas;
        this.keys = List.copyOf(replicas.get(0).weights().keySet());
        this.rank = store.rank();
        this.workers = store.numWorkers();
        this.devices = Executors.newFixedThreadPool(replicas.size());
        this.trainer = Trainer.builder()
                .parameters(perKey(replicas.stream().map(Replica::weights).toList()))
                .optimizer(optimizer)
                .store(store)
                .build();
        trainer.initialise();
    }

    List<String> keys() {
        return keys;
    }

    /** One round over the rows of {@code data} at {@code batch}, of which this worker computes its share. */
    Step step(Data data, int[] batch) {
        int[] mine = share(batch, rank, workers);
        List<Replica.Gradient> gradients = gradients(data, mine);
        trainer.step(perKey(gradients.stream().map(Replica.Gradient::byKey).toList()), batch.length);
        return new Step(gradients.stream().mapToDouble(Replica.Gradient::loss).sum(), mine.length);
    }

    private List<Replica.Gradient> gradients(Data data, int[] batch) {
        List<Callable<Replica.Gradient>> work = new ArrayList<>();
        for (int device = 0; device < replicas.size(); device++) {
            Replica replica = replicas.get(device);
            Data share = data.select(share(batch, device, replicas.size()));
            work.add(() -> replica.gradient(share));
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

    /** Shares differ by one row at most; they are empty where there are fewer rows than shares. */
    static int[] share(int[] batch, int number, int of) {
        return Arrays.copyOfRange(batch, batch.length * number / of, batch.length * (number + 1) / of);
    }

    private Map<String, List<INDArray>> perKey(List<? extends Map<String, INDArray>> perDevice) {
        Map<String, List<INDArray>> perKey = new LinkedHashMap<>();
        keys.forEach(key -> perKey.put(
                key, perDevice.stream().map(arrays -> arrays.get(key)).toList()));
        return perKey;
    }

    @Override
    public void close() {
        devices.shutdown();
        trainer.close();
    }
}
