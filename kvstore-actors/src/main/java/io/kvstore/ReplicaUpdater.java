package io.kvstore;

import io.kvstore.optimizer.Optimizer;
import io.kvstore.optimizer.OptimizerKernel;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.NdView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Runs a {@link Trainer}'s optimizer on the replicas, each device with states of its own: equal gradients keep replicas
 * equal bit by bit, to each other and to what the optimizer would have made of them in a store.
 */
final class ReplicaUpdater {

    /** What an optimizer remembers of one replica. */
    private record Memory(List<DenseTensor> states, long updates) {}

    private final BufferPool pool;
    private final List<List<Memory>> memories = new ArrayList<>(); // by parameter and device

    ReplicaUpdater(Collection<TrainerParameter> parameters) {
        long most = 0;
        for (TrainerParameter parameter : parameters) {
            long bytes = parameter.shape().length() * parameter.dtype().bytes();
            most = Math.max(most, bytes * (parameter.replicas().size() + 1));
            memories.add(Stream.generate(() -> new Memory(List.of(), 0))
                    .limit(parameter.replicas().size())
                    .collect(Collectors.toCollection(ArrayList::new)));
        }
        pool = new BufferPool(most);
    }

    /**
     * Updates every replica of a parameter, or none.
     *
     * @param gradients one per device, or one for all
     * @throws KVStoreException with {@link Reason#UPDATER_FAILED} if a user's rule throws
     */
    void update(TrainerParameter parameter, List<INDArray> gradients, Optimizer optimizer) {
        List<DenseTensor> tensors = new ArrayList<>();
        List<DenseTensor> weights = new ArrayList<>();
        List<Memory> next = new ArrayList<>();
        try {
            gradients.forEach(gradient -> tensors.add(read(parameter, gradient)));
            parameter.replicas().forEach(replica -> weights.add(read(parameter, replica)));
            for (int device = 0; device < weights.size(); device++) {
                DenseTensor gradient = tensors.get(tensors.size() == 1 ? 0 : device);
                Memory memory = memories.get(parameter.index()).get(device);
                next.add(apply(parameter.key(), optimizer, weights.get(device), gradient, memory));
            }
            for (int device = 0; device < weights.size(); device++) {
                NdView.writing(parameter.replicas().get(device)).write(weights.get(device));
                memories.get(parameter.index()).set(device, next.get(device));
            }
        } finally {
            tensors.forEach(DenseTensor::release);
            weights.forEach(DenseTensor::release);
        }
    }

    private DenseTensor read(TrainerParameter parameter, INDArray array) {
        return pool.filled(parameter.dtype(), parameter.shape(), tensor -> NdView.copy(array, tensor));
    }

    /** Updates {@code weight} in place; {@code memory} too, unless a user's rule runs, which may throw half-way. */
    private Memory apply(Key key, Optimizer optimizer, DenseTensor weight, DenseTensor gradient, Memory memory) {
        List<DenseTensor> states = memory.updates == 0
                ? OptimizerKernel.newStates(optimizer, weight, pool)
                : optimizer.isBuiltIn()
                        ? memory.states
                        : memory.states.stream().map(DenseTensor::copy).toList();
        long updates = memory.updates + 1;
        try {
            OptimizerKernel.apply(optimizer, key, updates, weight, gradient, states);
        } catch (RuntimeException | Error e) {
            throw new KVStoreException(
                    Reason.UPDATER_FAILED,
                    key,
                    "optimizer '" + optimizer.name() + "' threw " + e + "; its replicas were kept",
                    e);
        }
        return new Memory(states, updates);
    }
}
