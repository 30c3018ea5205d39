/**
 * Tensors on their way through the store, and the only code that touches raw memory.
 *
 * <pre>
 *   INDArray ── NdView ──► BorrowedTensor ──┐ read in place while the caller waits
 *   (any order, strides)                    ├── Kernels.sum ──► DenseTensor, from a BufferPool
 *   float[], double[] ──► DenseTensor ──────┘                        │
 *   rows of some ids ───► RowSparseTensor ── Merge: union, or dense  │ retain, release
 *                                                                    │
 *   INDArray ◄── NdView, Casts ◄──────────────────────────── value of a key
 *   RowSparse ◄── gather ◄──────────────────────────────────────────┘
 * </pre>
 *
 * <p>A {@link io.kvstore.tensor.DeviceTensor} only names memory of a GPU, which nothing here touches.
 *
 * <p>A {@link io.kvstore.tensor.DenseTensor} is one primitive array in row-major order. {@code float16} and
 * {@code bfloat16} are kept as bits and computed as {@code float32}.
 */
package io.kvstore.tensor;
