/**
 * A CUDA driver in Java, for machines without one: it executes the shipped PTX, instruction by instruction, and looks at
 * everything that a real GPU would let pass.
 *
 * <pre>
 *   SimulatedDriver ── gpus ──► SimulatedGpu ── streams ──► one worker thread: takes the next operation of any stream
 *        │                        │                          whose turn is free to come, chosen by a seed
 *        │ faults, leaks          ▼                                        │
 *        └──────────────── DeviceSpace: checked allocations ◄── PtxKernel ─┘
 * </pre>
 *
 * <p>Reported are accesses outside live memory or not aligned, two accesses of different streams to one place that no event
 * puts in order, pinned memory changed or given back under a pending copy, and whatever is not closed in the end. Timing,
 * caches and the order of threads are not a GPU's: what this proves is the kernels' results and their callers' discipline.
 */
package io.kvstore.cuda.sim;
