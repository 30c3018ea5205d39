package io.kvstore;

import io.kvstore.compression.GradientCompression;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.tensor.DType;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Collects what a {@link Trainer} shall train, how, and over which store. */
public final class TrainerBuilder {
    private final Map<String, TrainerParameter> parameters = new LinkedHashMap<>();
    private Optimizer optimizer;
    private KVStore store;
    private String type = "device";
    private Boolean updateOnStore;
    private GradientCompression compression;
    private final Set<String> rowSparseGradients = new LinkedHashSet<>();
    private int devices; // 0: nothing was said

    TrainerBuilder() {}

    /**
     * Adds parameters, in the order of the map: the earlier, the higher the priority of its requests.
     *
     * @param given by name an array per device, all of one shape and one floating type: a list, or the array itself where
     *     there is one device, as in {@code parameters(net.paramTable())}. They stay the caller's; steps write them. Or a
     *     {@code RowSparse}: the first value of a weight that lies in the store alone, has row-sparse gradients, and is
     *     read by {@link Trainer#rowSparseData}
     * @throws KVStoreException if a name is given twice, or an array cannot be a parameter
     */
    public TrainerBuilder parameters(Map<String, ?> given) {
        require("parameters", given).forEach(this::parameter);
        return this;
    }

    /** Adds one parameter; see {@link #parameters}. */
    public TrainerBuilder parameter(String name, Object given) {
        Key key = Key.of(name);
        if (parameters.containsKey(name)) {
            throw new KVStoreException(Reason.INVALID_ARGUMENT, key, "the parameter is given twice; give it once");
        }
        parameters.put(name, TrainerParameter.of(parameters.size(), key, given));
        return this;
    }

    /**
     * Declares that the gradients of these parameters are {@code RowSparse}. Unless the optimizer runs in the store, only
     * their rows travel, and only these are updated if the optimizer is lazy.
     */
    public TrainerBuilder rowSparseGradient(String... names) {
        rowSparseGradients.addAll(List.of(names));
        return this;
    }

    /** How many devices give gradients; needs to be said only where every weight is row-sparse, and is 1 if it is not. */
    public TrainerBuilder devices(int devices) {
        if (devices < 1) {
            throw new KVStoreException(
                    Reason.INVALID_ARGUMENT, "trainer: devices must be at least 1, given " + devices);
        }
        this.devices = devices;
        return this;
    }

    /** What updates the weights; must be given. */
    public TrainerBuilder optimizer(Optimizer optimizer) {
        this.optimizer = require("the optimizer", optimizer);
        return this;
    }

    /**
     * The store to use, which stays the caller's. Its optimizer or updater is replaced: by the trainer's optimizer, or by
     * none where the optimizer runs outside.
     */
    public TrainerBuilder store(KVStore store) {
        this.store = require("the store", store);
        return this;
    }

    /**
     * The type of a store to make and to close with the trainer, {@code device} if nothing is said. One device makes none,
     * unless the type is distributed or {@link #updateOnStore} is set to true.
     */
    public TrainerBuilder store(String type) {
        this.type = require("the type of a store", type);
        this.store = null;
        return this;
    }

    /**
     * Whether the optimizer runs in the store. If nothing is said it does wherever the store can run one, with two
     * exceptions that are MXNet's: a store named by type {@code local} where a parameter has more than 16 777 216 elements,
     * and row-sparse gradients of dense weights in one process. It must with row-sparse weights, with row-sparse gradients
     * on a distributed store, and on an asynchronous one.
     */
    public TrainerBuilder updateOnStore(boolean updateOnStore) {
        this.updateOnStore = updateOnStore;
        return this;
    }

    /**
     * How gradients are packed on their way to the store, from the first use on; without a store it has no effect. See
     * {@link KVStore#setGradientCompression}, which refuses it for the {@code local} types at that use.
     */
    public TrainerBuilder compression(GradientCompression compression) {
        this.compression = require("the compression", compression);
        return this;
    }

    /** @throws KVStoreException if something is missing, or the store cannot do what is asked of it */
    public Trainer build() {
        if (parameters.isEmpty()) {
            throw new KVStoreException(Reason.INVALID_ARGUMENT, "a trainer needs at least one parameter, given none");
        }
        require("the optimizer", optimizer);
        for (String name : rowSparseGradients) {
            if (!parameters.containsKey(name)) {
                throw new KVStoreException(
                        Reason.INVALID_ARGUMENT,
                        "rowSparseGradient of '" + name + "', which is no parameter; given are " + parameters.keySet());
            }
        }
        int count = countDevices();
        List<TrainerParameter> all = parameters.values().stream()
                .map(parameter -> parameter.onDevices(count))
                .map(parameter -> rowSparseGradients.contains(parameter.key().name())
                        ? parameter.withRowSparseGradient()
                        : parameter)
                .toList();
        requireCompressible(all);
        return new Trainer(all, optimizer, TrainerStore.of(store, type, updateOnStore, compression, all));
    }

    private int countDevices() {
        TrainerParameter first = null;
        for (TrainerParameter next : parameters.values()) {
            if (next.isRowSparse()) {
                continue;
            }
            first = first == null ? next : first;
            if (next.devices() != first.devices()) {
                throw new KVStoreException(
                        Reason.INVALID_ARGUMENT,
                        next.key(),
                        "all parameters lie on the same devices: parameter " + first.key() + " has " + first.devices()
                                + " arrays, given " + next.devices());
            }
        }
        if (first != null && devices != 0 && devices != first.devices()) {
            throw new KVStoreException(
                    Reason.INVALID_ARGUMENT,
                    "devices(" + devices + ") of parameters that lie on " + first.devices() + "; leave it out");
        }
        return first != null ? first.devices() : Math.max(devices, 1);
    }

    /** Here, because a push would refuse one parameter after the others were updated. */
    private void requireCompressible(List<TrainerParameter> all) {
        if (compression == null || compression.equals(GradientCompression.none())) {
            return;
        }
        for (TrainerParameter parameter : all) {
            if (parameter.dtype() != DType.FLOAT32 || parameter.hasRowSparseGradient()) {
                throw new KVStoreException(
                        Reason.UNSUPPORTED,
                        parameter.key(),
                        "compression " + compression + " expects dense gradients of type float32, given "
                                + (parameter.hasRowSparseGradient() ? "row-sparse ones" : parameter.dtype()));
            }
        }
    }

    private static <T> T require(String what, T given) {
        if (given == null) {
            throw new KVStoreException(Reason.INVALID_ARGUMENT, "trainer: " + what + " must not be null");
        }
        return given;
    }
}
