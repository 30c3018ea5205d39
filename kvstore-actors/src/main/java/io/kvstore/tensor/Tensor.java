package io.kvstore.tensor;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A value on its way to or from a key: dense, row-sparse, encoded by a gradient codec, or an array on a GPU.
 *
 * <p><b>Ownership.</b> A tensor is a counted reference to its elements. What a user makes (by {@link #copyOf} or a
 * factory) lives on the heap, is never reused and need not be released. A tensor in an answer is a lease: it stays as
 * it is for as long as it is held, and {@link #release} gives its memory back early. A lease that is never released is
 * left to the garbage collector; nothing breaks, its memory is only not pooled. Nobody writes into a tensor that has
 * been sent.
 */
public sealed interface Tensor permits Dense, RowSparseTensor, EncodedTensor, DeviceTensor {

    /** The type of the elements that this tensor stands for. */
    DType dtype();

    /** The logical shape; of an encoded or row-sparse tensor that of the whole value. */
    Shape shape();

    /** Bytes that travel or are held for this tensor, without headers. */
    long bytes();

    /** Says that the caller no longer reads this tensor. */
    void release();

    /** A dense tensor with a heap copy of the array's logical value, whatever its order, strides or offset. */
    static DenseTensor copyOf(INDArray array) {
        NdView view = NdView.reading(array);
        DenseTensor copy = DenseTensor.zeros(view.dtype(), view.shape());
        view.read(0, copy.data(), 0, copy.length());
        return copy;
    }
}
