package io.kvstore;

import org.nd4j.linalg.api.ndarray.INDArray;

/** A user's rule for applying what was pushed to what is stored. */
@FunctionalInterface
public interface Updater {

    /**
     * Changes {@code stored} in place.
     *
     * <p>Runs on the key's own thread, once per push, while nothing else happens to that key; calls for different keys
     * may run at the same time. Both arrays are scratch copies, alive during this call only. If the updater throws, the
     * push is refused and the value stays as it was. Blocking calls on the store are refused in here.
     *
     * @param key the key pushed to
     * @param received the sum of what was pushed, of the key's shape and type; dense, zeros where only other rows were
     *     pushed, so a push of a few rows costs as much as the whole key (a lazy optimizer's does not)
     * @param stored the key's value, of the same shape and type
     */
    void update(Key key, INDArray received, INDArray stored);
}
