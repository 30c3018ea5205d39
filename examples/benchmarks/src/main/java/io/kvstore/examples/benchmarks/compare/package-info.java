/**
 * This store and MXNet's beside each other: {@link io.kvstore.examples.benchmarks.compare.Compare}.
 *
 * <pre>
 *   Compare ─► Match ─┬─ World of this store: Peer (a worker) .., and `kvstore server` ..
 *                     └─ World of MXNet:      Peer (a worker) .., and MxnetRole: scheduler, servers
 *                        one block of rounds here, one there, here, there ..
 * </pre>
 *
 * <p>Each side runs in processes of its own: so each has its own environment, threads, heap and compiled code, and its
 * processor time can be told from the other's. Both stand all the time; while one is measured, the other waits for its next
 * command.
 */
package io.kvstore.examples.benchmarks.compare;
