package io.kvstore;

import java.util.Collection;

/**
 * Whether a trainer's optimizer runs in its store.
 *
 * <p>Source: MXNet 1.9, python/mxnet/gluon/trainer.py, _init_kvstore, and python/mxnet/model.py, _create_kvstore.
 */
final class UpdateOnStore {
    private static final long LARGE = 1L << 24; // elements

    private UpdateOnStore() {}

    /**
     * Decides, without side effects.
     *
     * @param requested null to leave it to these rules
     * @throws KVStoreException if the store cannot do what is requested
     */
    static boolean decide(Boolean requested, KVStore store) {
        if (distributed(store) && store.type().contains("_async")) {
            if (Boolean.FALSE.equals(requested)) {
                throw refused("updateOnStore(false) with an asynchronous store of type '" + store.type()
                        + "': workers that update by themselves would drift apart; leave it unset, or set it to true");
            }
            return true;
        }
        boolean capable = store.isCapable("optimizer");
        if (requested == null) {
            return capable;
        }
        if (requested && !capable) {
            throw refused("updateOnStore(true) with a store of type '" + store.type()
                    + "', which runs no optimizer; leave it unset, or set it to false");
        }
        return requested;
    }

    /** Whether a {@code local} store would have to update a parameter of more than 2^24 elements. */
    static boolean tooLarge(KVStore store, Collection<TrainerParameter> parameters) {
        return store.type().equals("local")
                && parameters.stream().anyMatch(p -> p.shape().length() > LARGE);
    }

    static boolean distributed(KVStore store) {
        return store.type().startsWith("dist");
    }

    private static KVStoreException refused(String message) {
        return new KVStoreException(Reason.UNSUPPORTED, message);
    }
}
