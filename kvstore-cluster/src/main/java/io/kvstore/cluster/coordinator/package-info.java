/**
 * Who the workers of a store are, what they agreed on, and where they wait for each other.
 *
 * <pre>
 *  worker                              any server                     one server (cluster singleton)
 *   CoordinatorClient                   /system/kvstore-control        CoordinatorActor
 *     ClientCore: what is open   ─────► door ────────────────────────►   CoordinatorCore
 *     heartbeat, register, barrier,                                       StoreDesk per store
 *     configuration, command     ◄────────────── replies, news ────────     Sessions, Registrar, ConfigDesk, CommandDesk
 *                                                                           Replicated: decided ─► written ─► in force
 *  every server                                                                │            ▲
 *   /system/kvstore-membership   ◄── Prepare, Write, Run ──────────────────────┘            │
 *     ViewCore: newest record of each store  ── Promised, Wrote, Ran ───────────────────────┘
 *       └─► StoreListener: membersChanged, configChanged, runCommand
 * </pre>
 *
 * <p>Every message may be lost, repeated, late or out of order; every request is a statement that is repeated until the
 * record in force shows that it holds. What must not be lost, a {@code StoreRecord} per store, is on every server and
 * changes when a majority has the change; what can be heard again (who was heard when, who has come to a barrier) is in
 * the coordinator's memory only. The cores are plain Java, driven by a seeded simulation in the tests; the actors are
 * shells around them.
 *
 * <p>Workers are not members of the cluster: they reach the coordinator through any server, and whether they live is
 * judged by their heartbeats alone.
 */
package io.kvstore.cluster.coordinator;
