package io.kvstore.cluster.link;

import io.kvstore.tensor.DenseTensor;

/** The other side of {@link ElementsOut}. */
interface ElementsIn {

    /** @throws WireException if there are no {@code bytes} at {@code place} */
    void check(int place, long bytes);

    /** Copies elements that were {@linkplain #check checked} into a tensor that is the caller's alone. */
    void get(int place, DenseTensor into);
}
