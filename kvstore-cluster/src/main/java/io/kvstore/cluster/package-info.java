/**
 * The store over many JVMs: keys on server nodes, workers that push and pull over the network.
 *
 * <p>This version contains no classes here yet; the store in one JVM is in {@code io.kvstore}.
 */
package io.kvstore.cluster;
