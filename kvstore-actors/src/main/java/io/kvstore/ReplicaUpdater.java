package io.kvstore;

import io.kvstore.actor.OptimizerState;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.optimizer.OptimizerKernel;
import io.kvstore.session.StatesFile;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.NdView;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Runs a {@link Trainer}'s optimizer on the replicas, each device with states of its own: equal gradients keep replicas
 * equal bit by bit, to each other and to what the optimizer would have made of them in a store.
 */
final class ReplicaUpdater {

    private final List<TrainerParameter> parameters;
    private final BufferPool pool;
    private final Map<Key, List<OptimizerState>> states = new TreeMap<>(); // by device; none before the first update

    ReplicaUpdater(Collection<TrainerParameter> parameters) {
        this.parameters = List.copyOf(parameters);
        this.pool = new BufferPool(parameters.stream()
                .mapToLong(p -> p.info().bytes() * (p.replicas().size() + 1))
                .max()
                .orElse(0));
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
        List<OptimizerState> next = new ArrayList<>();
        try {
            gradients.forEach(gradient -> tensors.add(read(parameter, gradient)));
            parameter.replicas().forEach(replica -> weights.add(read(parameter, replica)));
            for (int device = 0; device < weights.size(); device++) {
                DenseTensor gradient = tensors.get(tensors.size() == 1 ? 0 : device);
                next.add(apply(
                        parameter.key(),
                        optimizer,
                        weights.get(device),
                        gradient,
                        state(parameter, device, optimizer)));
            }
            for (int device = 0; device < weights.size(); device++) {
                NdView.writing(parameter.replicas().get(device)).write(weights.get(device));
            }
            states.put(parameter.key(), next);
        } finally {
            tensors.forEach(DenseTensor::release);
            weights.forEach(DenseTensor::release);
        }
    }

    private DenseTensor read(TrainerParameter parameter, INDArray array) {
        return pool.filled(parameter.dtype(), parameter.shape(), tensor -> NdView.copy(array, tensor));
    }

    private OptimizerState state(TrainerParameter parameter, int device, Optimizer optimizer) {
        return states.containsKey(parameter.key())
                ? states.get(parameter.key()).get(device)
                : OptimizerState.fresh(optimizer.stateForm(), parameter.shape(), parameter.dtype());
    }

    /** Updates {@code weight} in place; the state too, unless a user's rule runs, which may throw half-way. */
    private OptimizerState apply(
            Key key, Optimizer optimizer, DenseTensor weight, DenseTensor gradient, OptimizerState state) {
        List<DenseTensor> tensors = state.updates() == 0
                ? OptimizerKernel.newStates(optimizer, weight, pool)
                : optimizer.isBuiltIn()
                        ? state.states()
                        : state.states().stream().map(DenseTensor::copy).toList();
        long updates = state.updates() + 1;
        try {
            OptimizerKernel.apply(optimizer, key, updates, weight, gradient, tensors);
        } catch (RuntimeException | Error e) {
            throw new KVStoreException(
                    Reason.UPDATER_FAILED,
                    key,
                    "optimizer '" + optimizer.name() + "' threw " + e + "; its replicas were kept",
                    e);
        }
        return new OptimizerState(state.form(), state.shape(), state.dtype(), updates, tensors);
    }

    /** Writes the states of the first replicas, which stand for all, and the optimizer. */
    void save(Path file, Optimizer optimizer) {
        SortedMap<Key, OptimizerState> first = new TreeMap<>();
        parameters.forEach(parameter -> first.put(parameter.key(), state(parameter, 0, optimizer)));
        StatesFile.write(file, optimizer, true, first);
    }

    /**
     * Takes up, on every device, the states of a file, all or none.
     *
     * @return the optimizer to go on with: the file's, or else {@code inForce}
     */
    Optimizer load(Path file, Optimizer inForce) {
        List<KeyInfo> keys = parameters.stream().map(TrainerParameter::info).toList();
        StatesFile loaded = StatesFile.read("loadStates", file, inForce, keys, pool);
        Map<Key, List<OptimizerState>> all = new TreeMap<>();
        for (TrainerParameter parameter : parameters) {
            OptimizerState state = loaded.states().get(parameter.key());
            List<OptimizerState> perDevice = new ArrayList<>(List.of(state));
            while (perDevice.size() < parameter.replicas().size()) {
                perDevice.add(copy(state));
            }
            all.put(parameter.key(), perDevice);
        }
        states.putAll(all);
        return loaded.optimizer().orElse(inForce);
    }

    private static OptimizerState copy(OptimizerState state) {
        List<DenseTensor> copies =
                state.states().stream().map(DenseTensor::copy).toList();
        return new OptimizerState(state.form(), state.shape(), state.dtype(), state.updates(), copies);
    }
}
