package io.kvstore.cluster.link;

/** What a road's thread has done, the more remarkable the later. */
enum Work {
    /** Nothing, and the lane never will again: it is to be closed. */
    ENDED,

    NOTHING,

    /** What it wrote is for another process. */
    WROTE,

    /** What came, it gave to threads of this process. */
    ARRIVED,

    /** Elements of large tensors were copied, either way. */
    COPIED
}
