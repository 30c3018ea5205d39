/**
 * A key-value store for the parameters of a training, with the meaning of MXNet's KVStore and every key an actor.
 *
 * <pre>
 *      caller's thread                                   actors
 *  KVStore ── facade ──► session ── KeyCommand ──► key actor "w1"
 *  (INDArray)              ▲                       key actor "w2" ── commit ──► device actor cpu(0) or gpu(0)
 *                          └── KeyReply, by id ◄───      │
 *                                                        └─► sum ─► optimizer or updater ─► next version
 * </pre>
 *
 * <p>{@link io.kvstore.KVStore} is where to begin; {@link io.kvstore.AsyncKVStore} is the same without waiting, and a {@link
 * io.kvstore.Trainer} pushes and pulls for you. Who would
 * rather talk to keys by message finds the protocol in {@code io.kvstore.actor}. A store of another kind is offered
 * through {@link io.kvstore.KVStoreProvider}.
 */
package io.kvstore;
