/**
 * JMH benchmarks of the pieces that a round is made of, each beside a baseline: a plain loop, a copy or a bare message.
 *
 * <p>Every class names the command that runs it. Options of JMH follow the class in {@code args}: {@code -p length=4096} picks
 * a parameter, {@code -prof gc} shows allocation, {@code -h} lists all. The whole set takes about half an hour.
 */
package io.kvstore.examples.benchmarks.jmh;
