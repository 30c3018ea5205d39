/**
 * How time and memory of a store grow with keys, bytes and workers, beyond what one would run on one machine:
 * {@link io.kvstore.examples.benchmarks.scaling.Scaling}.
 */
package io.kvstore.examples.benchmarks.scaling;
