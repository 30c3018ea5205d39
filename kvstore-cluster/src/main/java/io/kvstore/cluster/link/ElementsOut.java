package io.kvstore.cluster.link;

import io.kvstore.tensor.Dense;

/** Takes the elements of large tensors, which then do not stand among a message's other fields, for a road that copies once. */
interface ElementsOut {
    /** Smaller tensors stand among the fields always; with larger ones their place is written, an i32. */
    int LEAST_BYTES = 4096;

    /** Keeps the tensor to be copied later; the reader finds its elements at the place returned. */
    int add(Dense tensor);
}
