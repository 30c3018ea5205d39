package io.kvstore.examples.training;

import io.kvstore.optimizer.Optimizer;

/**
 * How to train.
 *
 * @param store a store type, such as local or device
 * @param devices how many logical devices share each batch
 * @param optimizer runs in the store
 * @param epochs passes over the training rows
 * @param seed decides first weights and the order of the rows
 */
record Settings(String store, int devices, Optimizer optimizer, int epochs, long seed) {}
