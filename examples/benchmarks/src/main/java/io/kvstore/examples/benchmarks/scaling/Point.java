package io.kvstore.examples.benchmarks.scaling;

/**
 * One measurement.
 *
 * @param size how many keys, bytes or workers
 * @param startMillis until all keys had their first value
 * @param roundMillis the median of a round: a push of all keys in one call by each worker, then a pull of all
 * @param megabytes of Java heap that the store holds, on servers and workers together
 */
record Point(long size, double startMillis, double roundMillis, double megabytes) {}
