package io.kvstore.examples.training;

/**
 * What one pass over the training rows came to.
 *
 * @param number counted from 1
 * @param loss mean cross entropy per training row, each batch measured before its update
 * @param trainAccuracy fraction of the training rows that the weights after this epoch classify rightly
 * @param testAccuracy the same for the held-out rows
 */
record Epoch(int number, double loss, double trainAccuracy, double testAccuracy) {}
