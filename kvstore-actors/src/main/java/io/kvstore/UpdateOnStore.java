package io.kvstore;

import java.util.List;

/**
 * What a trainer wants of a store, which decides whether its optimizer runs there.
 *
 * <p>Source: MXNet 1.9, python/mxnet/gluon/trainer.py, _init_kvstore, and python/mxnet/model.py, _create_kvstore and
 * _create_sparse_kvstore.
 *
 * @param requested what the user asked for; null if nothing
 * @param rowSparseWeights whether a weight lies in the store alone
 * @param rowSparseGradients whether a gradient is row-sparse
 * @param large whether a parameter has more than 2^24 elements
 */
record UpdateOnStore(Boolean requested, boolean rowSparseWeights, boolean rowSparseGradients, boolean large) {
    private static final long LARGE = 1L << 24;

    static UpdateOnStore of(Boolean requested, List<TrainerParameter> parameters) {
        return new UpdateOnStore(
                requested,
                parameters.stream().anyMatch(TrainerParameter::isRowSparse),
                parameters.stream().anyMatch(TrainerParameter::hasRowSparseGradient),
                parameters.stream().anyMatch(p -> p.shape().length() > LARGE));
    }

    /** Whether even a trainer of one device needs a store of a type that is not distributed. */
    boolean needsStore() {
        return rowSparseWeights || Boolean.TRUE.equals(requested);
    }

    /**
     * Whether the optimizer runs in {@code store}.
     *
     * @param named whether the store was named by its type, and not given
     * @throws KVStoreException with {@link Reason#UNSUPPORTED} if the store cannot do what is asked
     */
    boolean in(KVStore store, boolean named) {
        boolean capable = store.isCapable("optimizer");
        if (!capable && (rowSparseWeights || rowSparseGradients)) {
            throw refused("row-sparse parameters with a store of type '" + store.type()
                    + "', which runs no optimizer; use another type of store");
        }
        if (Boolean.TRUE.equals(requested) && !capable) {
            throw refused("updateOnStore(true) with a store of type '" + store.type()
                    + "', which runs no optimizer; leave it unset, or set it to false");
        }
        String why = mustUpdate(store);
        if (why != null && Boolean.FALSE.equals(requested)) {
            throw refused("updateOnStore(false) with " + why + "; leave it unset, or set it to true");
        }
        if (why != null) {
            return true;
        }
        if (requested != null) {
            return requested;
        }
        return capable
                && !rowSparseGradients
                && !(named && large && store.type().equals("local"));
    }

    /** Why the optimizer can run nowhere else; null if it can. */
    private String mustUpdate(KVStore store) {
        if (rowSparseWeights) {
            return "row-sparse weights, which lie in the store alone";
        }
        if (isDistributed(store) && rowSparseGradients) {
            return "row-sparse gradients and a distributed store of type '" + store.type()
                    + "', whose sums have rows that no single worker knows";
        }
        if (isDistributed(store) && store.type().contains("_async")) {
            return "an asynchronous store of type '" + store.type()
                    + "': workers that update by themselves would drift apart";
        }
        return null;
    }

    static boolean isDistributed(KVStore store) {
        return store.type().startsWith("dist");
    }

    private static KVStoreException refused(String message) {
        return new KVStoreException(Reason.UNSUPPORTED, message);
    }
}
