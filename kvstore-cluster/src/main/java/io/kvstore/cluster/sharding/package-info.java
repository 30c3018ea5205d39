/**
 * Where the parts of keys live.
 *
 * <pre>
 *   value ── Placement.layout ──► slices 0..n-1, slice 0 is the head
 *                                   │
 *   (store, key) ── hash ──► h      │   shard = (h + slice) mod number-of-shards
 *                            └──────┴──► shard ── KeyAllocation, ShardDealer ──► server
 *                                                 consecutive shards on different servers,
 *                                                 once dealt a shard stays
 * </pre>
 *
 * <p>Everything but the thin {@link io.kvstore.cluster.sharding.KeyAllocation} is arithmetic without Akka.
 */
package io.kvstore.cluster.sharding;
