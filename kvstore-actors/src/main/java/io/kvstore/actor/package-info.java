/**
 * The store as actors, and the messages that they take and give.
 *
 * <pre>
 *   StoreActor ── spawns ──► KeyActor, one per key        DeviceActor, one per device (type "device")
 *                               │
 *   KeyCommand ───────────────► │ KeyState: one request at a time, in the order of arrival
 *   Init Push Pull PullRows     │    │
 *   PushPull Configure          │    └─ Commit ──► HostCommit (here) or DeviceActor ──► KeyEvent
 *   Snapshot Restore Delete     │                    sum, optimizer or updater            │
 *   KeyReply ◄───────────────── │ ◄── publish value and version ◄─────────────────────────┘
 *   Done Value Rows States      │
 *   Refused                     └─ KeyRecord: value, states, version; outlives a failure of the actor
 * </pre>
 *
 * <p>A device is a {@code Device}: on the host, or on a GPU, where values and states then stay, and commits are
 * reported when the GPU is done:
 *
 * <pre>
 *   DeviceActor ──► CudaDevice ──► CudaCommit: uploads, kernels, done ──► KeyEvent     StoreGpu: memory, staging, streams
 *                        ├───────► HostedCommit: copies here, HostCommit ──► KeyEvent
 *   Errand ─────────────►└───────► a copy of value or states for readers here; GpuRows: of some rows; GpuFill: into arrays on GPUs
 * </pre>
 *
 * <p>In a cluster a big key is one such actor for each slice. What an optimizer needs to know of the whole key, its slices
 * tell each other: {@link io.kvstore.actor.PartMail}.
 *
 * <p>The logic of a key and the commits know nothing of Akka; actors are shells around them. A command
 * that fails is refused, and the value stays.
 */
package io.kvstore.actor;
