package io.kvstore.actor;

/**
 * The value of a key, or the states of its optimizer, where only their device can read them. A counted reference, as
 * {@link io.kvstore.tensor.DenseTensor} is one: the memory goes back to the device with the last holder. Any thread may use it.
 */
interface OnDevice {
    /** Adds a holder. */
    OnDevice retain();

    void release();
}
