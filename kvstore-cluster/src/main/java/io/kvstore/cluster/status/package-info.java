/**
 * What a cluster tells of itself, to programs that are no part of it.
 *
 * <pre>
 *   StatusClient (any actor system) ── Ask ────► StatusActor, one per server ◄── StatusSource: the stores on the node
 *                                   ◄── Answer ──  NodeStatus as JSON            cluster membership
 *   one NodeStatus per server ──► ClusterStatus: members, stores, workers, open waits
 *                                   ── Probe ──►   a frame of any size,
 *                                   ◄── Echo ────  and back
 * </pre>
 */
package io.kvstore.cluster.status;
