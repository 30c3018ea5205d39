package io.kvstore.actor;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.cuda.CudaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a failure of a GPU is to those who use the store. */
final class GpuFailure {
    private static final Logger LOG = LoggerFactory.getLogger(GpuFailure.class);

    private GpuFailure() {}

    /**
     * The refusal.
     *
     * @param what was tried, and where
     * @param ifLost what is gone with a lost GPU, and what to do
     * @param kept how things stand otherwise
     */
    static KVStoreException of(Throwable failure, String what, String ifLost, String kept) {
        if (failure instanceof KVStoreException known) {
            return known;
        }
        if (failure.getCause() instanceof KVStoreException known) { // an array that its caller has taken back
            return known;
        }
        if (failure instanceof OutOfMemoryError) {
            return new KVStoreException(
                    Reason.OUT_OF_MEMORY,
                    null,
                    what + " needs memory of the host that is not there (" + failure.getMessage() + "); " + kept,
                    failure);
        }
        if (!(failure instanceof CudaException cuda)) {
            LOG.error("{} failed", what, failure);
            return new KVStoreException(Reason.INTERNAL, null, what + " failed: " + failure, failure);
        }
        return switch (cuda.kind()) {
            case OUT_OF_MEMORY -> refused(Reason.OUT_OF_MEMORY, what, cuda, kept);
            case DEVICE_LOST -> refused(Reason.DEVICE_LOST, what, cuda, ifLost);
            case LAUNCH_FAILED, REFUSED -> refused(Reason.DEVICE_FAILED, what, cuda, kept);
        };
    }

    private static KVStoreException refused(Reason reason, String what, CudaException cuda, String rest) {
        return new KVStoreException(reason, null, what + " failed: " + cuda.getMessage() + "; " + rest, cuda);
    }
}
