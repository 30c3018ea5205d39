/**
 * Messages between nodes: one endpoint per actor system, one link per pair of nodes, any number of stores on it.
 *
 * <pre>
 *   ClusterSession ── Channel.submit ─┐                          ┌─ Receiver.onItem ──► NodeStores ──► key actors
 *   (Receiver)                        ▼                          │                          │
 *       ▲                     Endpoint (EndpointCore)    Endpoint (EndpointCore) ◄─ Channel ┘ answers
 *       │ onItem, onLost,       LinkState per peer         LinkState per peer
 *       └─ onDead               Outbox, window, pings            │   ▲
 *                                 │   ▲                          │   │
 *                                 ▼   │  Frame(items) ─────►     ▼   │
 *                                 Roads ═ LinkCodec ══ Artery ══ Roads
 *                                   ╚════ IpcLane ═══ memory ════ ╝     of one machine: the server's media driver
 *                                        ◄───── Received(numbers)
 * </pre>
 *
 * <p>A link loses, repeats, delays and reorders; it says what it may have lost, and never holds more than its window. What
 * is done about a loss is the session's business, and a repeat is the key's. Which road a message takes makes no difference to that. An {@link io.kvstore.cluster.link.Item} is
 * encoded when its frame leaves: until then an answer is a reference. Everything but {@code Endpoint}, {@code Endpoints},
 * the roads and the serializers is plain Java and runs on any clock.
 */
package io.kvstore.cluster.link;
