package io.kvstore.tensor;

import java.util.List;

/**
 * The sum of arrays that callers lend, made block by block as it is read, so that it need not be kept. From {@link #of} to
 * {@link #release} no caller takes an array back.
 */
public final class LentSum implements Dense {
    /** Of at most so many elements a sum that is kept stays in the nearest cache. */
    public static final int WORTHWHILE = Kernels.BLOCK;

    private final List<BorrowedTensor> values;
    private final int group;

    private LentSum(List<BorrowedTensor> values, int group) {
        this.values = values;
        this.group = group;
    }

    /**
     * @param values of one type and shape; at least one
     * @param group the order of additions, see {@link Kernels#sum(List, DenseTensor, int)}
     * @throws io.kvstore.KVStoreException if one was taken back before; then none is released
     */
    public static LentSum of(List<BorrowedTensor> values, int group) {
        int held = 0;
        try {
            for (BorrowedTensor value : values) {
                value.hold();
                held++;
            }
            return new LentSum(values, group);
        } finally {
            if (held < values.size()) {
                values.subList(0, held).forEach(BorrowedTensor::letGo);
            }
        }
    }

    /** What the caller lets the result go into, see {@link BorrowedTensor#outlet}; or null. */
    public Outlet outlet() {
        return values.get(0).outlet();
    }

    @Override
    public DType dtype() {
        return values.get(0).dtype();
    }

    @Override
    public Shape shape() {
        return values.get(0).shape();
    }

    @Override
    public int length() {
        return values.get(0).length();
    }

    @Override
    @SuppressWarnings("SuspiciousSystemArraycopy")
    public void read(int from, Object target, int at, int count) {
        for (int done = 0; done < count; done += Kernels.BLOCK) {
            int length = Math.min(Kernels.BLOCK, count - done);
            Object sum = Kernels.sumOfBlock(values, group, from + done, length);
            System.arraycopy(sum, 0, target, at + done, length);
        }
    }

    @Override
    public Object arrayOrNull() {
        return null;
    }

    /** The arrays may be taken back from now on. */
    @Override
    public void release() {
        for (BorrowedTensor value : values) {
            value.letGo();
            value.release();
        }
    }
}
