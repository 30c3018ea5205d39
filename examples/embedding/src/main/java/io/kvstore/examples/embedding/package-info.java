/**
 * Three ways to use the store in one JVM, one program each.
 *
 * <pre>
 *   Embed       a program with an ActorSystem of its own; the store is its guest
 *                 Regression ── push, pull ──► KVStore ──► key "weight"
 *
 *   Messages    a guardian that spawns the store and talks to a key by message
 *                 guardian ─┬─► StoreActor ──► key "total" ◄─┐ Init, Push, Pull
 *                           └─► Averager ────────────────────┘ Done, Value, Refused
 *
 *   MxnetTour   the worked examples of MXNet's documentation, line by line
 * </pre>
 */
package io.kvstore.examples.embedding;
