/**
 * A worker's side of a store whose keys live on servers.
 *
 * <pre>
 *   KVStore call ──► ClusterSession ──► SessionCore ── a KeyLine per key, Operations in it ──► CoreLink ══► parts on servers
 *                         │                  (a Serial: one thread at a time, mostly the caller's or the road's; no Akka)
 *                         ├──► CoordinatorCalls ──► coordinator: register, barrier, configuration, commands
 *                         └──► ClusterProfiler, KeyListing: commands to all servers
 *
 *   save   GatherOperation per key ── Gather ──► every part ── Gathered, Gathered .. ──► GatheredStates ──► file
 *   load   LoadOperation per key ── Stage .. ──► every part; StatesLoad: when all keys are staged ── EndLoad ──► every part
 * </pre>
 */
package io.kvstore.cluster.session;
