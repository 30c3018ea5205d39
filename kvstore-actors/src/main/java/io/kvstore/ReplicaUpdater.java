package io.kvstore;

import io.kvstore.actor.OptimizerState;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.optimizer.OptimizerKernel;
import io.kvstore.optimizer.StateForm;
import io.kvstore.session.StatesFile;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.NdView;
import io.kvstore.tensor.RowSparseTensor;
import java.nio.file.Path;
import java.util.ArrayList;
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

    ReplicaUpdater(List<TrainerParameter> parameters) {
        this.parameters = parameters;
        this.pool = new BufferPool(parameters.stream()
                .mapToLong(p -> p.info().bytes() * (p.devices() + 1))
                .max()
                .orElse(0));
    }

    /** A gradient of some rows of a replica; {@code rows} is null if of all. */
    private record Gradient(DenseTensor values, long[] rows) {}

    /**
     * Updates every replica of a parameter, or none.
     *
     * @param gradients one per device, or one for all
     * @throws KVStoreException with {@link Reason#UPDATER_FAILED} if a user's rule throws
     */
    void update(TrainerParameter parameter, List<?> gradients, Optimizer optimizer) {
        List<Gradient> read = new ArrayList<>();
        List<ReplicaUpdate> updates = new ArrayList<>();
        try {
            gradients.forEach(gradient -> read.add(read(parameter, gradient, optimizer)));
            for (int device = 0; device < parameter.devices(); device++) {
                long[] rows = of(device, read).rows;
                updates.add(ReplicaUpdate.read(parameter.replicas().get(device), rows, pool));
            }
            List<OptimizerState> before = states(parameter, optimizer);
            for (int device = 0; device < parameter.devices(); device++) {
                DenseTensor gradient = of(device, read).values;
                updates.get(device).apply(parameter.key(), optimizer, gradient, before.get(device));
            }
            states.put(
                    parameter.key(),
                    updates.stream().map(ReplicaUpdate::publish).toList());
        } finally {
            read.forEach(gradient -> gradient.values.release());
            updates.forEach(ReplicaUpdate::release);
        }
    }

    private static Gradient of(int device, List<Gradient> gradients) {
        return gradients.get(gradients.size() == 1 ? 0 : device);
    }

    private Gradient read(TrainerParameter parameter, Object gradient, Optimizer optimizer) {
        if (gradient instanceof INDArray array) {
            return new Gradient(read(parameter, array), null);
        }
        RowSparseTensor rows = ((RowSparse) gradient).tensor();
        return OptimizerKernel.isLazy(optimizer)
                ? new Gradient(rows.rows(), rows.idsInPlace())
                : new Gradient(pool.denseCopyOf(rows), null);
    }

    private DenseTensor read(TrainerParameter parameter, INDArray array) {
        return pool.filled(parameter.dtype(), parameter.shape(), tensor -> NdView.copy(array, tensor));
    }

    /** What the optimizer remembers of each replica; for the first update new. */
    private List<OptimizerState> states(TrainerParameter parameter, Optimizer optimizer) {
        List<OptimizerState> known = states.get(parameter.key());
        if (known != null && known.get(0).updates() > 0) {
            return known;
        }
        return parameter.replicas().stream()
                .map(replica -> beginning(parameter, replica, optimizer))
                .toList();
    }

    private OptimizerState beginning(TrainerParameter parameter, INDArray replica, Optimizer optimizer) {
        StateForm form = optimizer.stateForm();
        List<DenseTensor> tensors = List.of();
        if (!form.types(parameter.dtype()).isEmpty()) {
            DenseTensor weight = read(parameter, replica);
            tensors = OptimizerKernel.newStates(optimizer, weight, pool);
            weight.release();
        }
        return new OptimizerState(form, parameter.shape(), parameter.dtype(), 0, tensors);
    }

    /** Writes the states of the first replicas, which stand for all, and the optimizer. */
    void save(Path file, Optimizer optimizer) {
        SortedMap<Key, OptimizerState> first = new TreeMap<>();
        for (TrainerParameter parameter : parameters) {
            List<OptimizerState> known = states.get(parameter.key());
            OptimizerState fresh = OptimizerState.fresh(optimizer.stateForm(), parameter.shape(), parameter.dtype());
            first.put(parameter.key(), known == null ? fresh : known.get(0));
        }
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
            while (perDevice.size() < parameter.devices()) {
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
