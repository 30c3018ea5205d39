/**
 * A worker's side of a store whose keys live on servers.
 *
 * <pre>
 *   KVStore call ──► ClusterSession ──► KeyCalls ──► SerialCore ──► SessionCore ──► Outside: CoreLink ══► parts on servers
 *                         │                         (one thread at a time, mostly the caller's or the road's)
 *                         ├──► Coordination ──► coordinator: WorkerLife, the registration; Agreement, the configuration
 *                         ├──► CoordinatorCalls: barrier; ClusterProfiler, KeyListing: commands to all servers
 *                         ├──► OpenCalls, Explanations: what is open, and what it waits for
 *                         └──► Ending, SessionSystem: its end, and the actor system it lives in
 *
 *   SessionCore, without Akka and threads:
 *     call ──► KeyLine, one per key ──► Operation ──► Requests, one per part ──► Outside
 *     answer ◄── Operation ◄── Incoming ◄── what parts answer, where they live, who is silent
 *     Requests ask Homes where a part lives and Pace when to ask again; WaitReasons look at what is open
 *
 *   save   GatherOperation per key ── Gather ──► every part ── Gathered, Gathered .. ──► GatheredStates ──► file
 *   load   LoadOperation per key ── Stage .. ──► every part; StatesLoad: when all keys are staged ── EndLoad ──► every part
 * </pre>
 */
package io.kvstore.cluster.session;
