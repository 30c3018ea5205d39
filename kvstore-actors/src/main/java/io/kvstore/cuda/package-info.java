/**
 * GPUs through the CUDA driver: memory, streams, events, and this project's own kernels. Free of ND4J and of Akka.
 *
 * <pre>
 *   host memory ──► Staging: pinned chunks ──► uploads ──┐
 *                                                        ▼
 *                     DeviceMemory: pooled buffers ◄── arithmetic: GpuKernels (sum, sgd, adam, casts, 1 and 2 bits)
 *                                                        │
 *   host memory ◄── Staging: pinned chunks ◄── downloads ┘
 *                                                 │
 *                               GpuEvent ──► Completions ──► a callback; no thread ever waits for a GPU
 * </pre>
 *
 * <p>{@link io.kvstore.cuda.CudaDriver}, {@link io.kvstore.cuda.Gpu}, {@link io.kvstore.cuda.GpuStream} and
 * {@link io.kvstore.cuda.GpuEvent} are a thin interface over the driver. The tests bring one that executes the kernels'
 * PTX on the host and checks every access to memory.
 */
package io.kvstore.cuda;
