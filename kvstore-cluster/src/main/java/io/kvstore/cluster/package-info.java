/**
 * The store over many JVMs: keys on server nodes, workers that push and pull over the network.
 *
 * <pre>
 *   worker JVM                                   server JVM, role kvstore-server
 *   application.conf, KVSTORE_*, DMLC_*          application.conf, options of `kvstore server`
 *      │ ClusterSettings                            │ ClusterSettings
 *      ▼ ClusterConfig.worker                       ▼ ClusterConfig.server
 *   ActorSystem (no member) ── frames, control ──► ActorSystem (member) ◄── gossip, JoinCheck ──► other servers
 * </pre>
 *
 * <p>A program's own actor system takes the place of either: it needs the same settings in its own configuration.
 */
package io.kvstore.cluster;
