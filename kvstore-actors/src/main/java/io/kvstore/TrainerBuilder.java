package io.kvstore;

import io.kvstore.compression.GradientCompression;
import io.kvstore.optimizer.Optimizer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Collects what a {@link Trainer} shall train, how, and over which store. */
public final class TrainerBuilder {
    private final Map<String, TrainerParameter> parameters = new LinkedHashMap<>();
    private Optimizer optimizer;
    private KVStore store;
    private String type = "device";
    private Boolean updateOnStore;
    private GradientCompression compression;

    TrainerBuilder() {}

    /**
     * Adds parameters, in the order of the map: the earlier, the higher the priority of its requests.
     *
     * @param replicas by name an array per device, all of one shape and one floating type: a list, or the array itself
     *     where there is one device, as in {@code parameters(net.paramTable())}. They stay the caller's; steps write them
     * @throws KVStoreException if a name is given twice, or an array cannot be a parameter
     */
    public TrainerBuilder parameters(Map<String, ?> replicas) {
        require("parameters", replicas).forEach(this::parameter);
        return this;
    }

    /** Adds one parameter; see {@link #parameters}. */
    public TrainerBuilder parameter(String name, Object replicas) {
        Key key = Key.of(name);
        if (parameters.containsKey(name)) {
            throw new KVStoreException(Reason.INVALID_ARGUMENT, key, "the parameter is given twice; give it once");
        }
        TrainerParameter parameter = TrainerParameter.of(parameters.size(), key, TrainerParameter.perDevice(replicas));
        parameters.values().stream().findFirst().ifPresent(first -> requireSameDevices(first, parameter));
        parameters.put(name, parameter);
        return this;
    }

    private static void requireSameDevices(TrainerParameter first, TrainerParameter next) {
        if (first.replicas().size() != next.replicas().size()) {
            throw new KVStoreException(
                    Reason.INVALID_ARGUMENT,
                    next.key(),
                    "all parameters lie on the same devices: parameter " + first.key() + " has "
                            + first.replicas().size() + " arrays, given "
                            + next.replicas().size());
        }
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
     * Whether the optimizer runs in the store. If nothing is said it does wherever the store can run one, except, as in
     * MXNet, in a store named by type {@code local} where a parameter has more than 16 777 216 elements.
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
        Map<String, TrainerParameter> all = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
        return new Trainer(all, optimizer, TrainerStore.of(store, type, updateOnStore, compression, all.values()));
    }

    private static <T> T require(String what, T given) {
        if (given == null) {
            throw new KVStoreException(Reason.INVALID_ARGUMENT, "trainer: " + what + " must not be null");
        }
        return given;
    }
}
