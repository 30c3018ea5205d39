package io.kvstore.cluster.link;

/**
 * An item on its way out.
 *
 * @param bytes its size in a frame
 * @param owner who hears of its loss
 */
record Outgoing(Item item, int bytes, Receiver owner) {}
