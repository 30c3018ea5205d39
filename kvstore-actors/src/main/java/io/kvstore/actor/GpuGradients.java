package io.kvstore.actor;

import io.kvstore.compression.Decoding;
import io.kvstore.cuda.GpuStream;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.Dense;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.DeviceTensor;
import io.kvstore.tensor.EncodedTensor;
import io.kvstore.tensor.Merge;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What was pushed, on its way to one GPU: arrays of the host and packed ones are uploaded, those on this GPU are read where
 * they are, those on others are copied over. Not thread-safe.
 */
final class GpuGradients {
    private final Gpus gpus;
    private final CudaDevice device;
    private final StoreGpu gpu;
    private final Transfers transfers;
    private final List<Long> addresses = new ArrayList<>();
    private final List<Runnable> unpacking = new ArrayList<>();
    private final List<GpuBuffer> buffers = new ArrayList<>();
    private final List<DenseTensor> copies = new ArrayList<>();
    private GpuBuffer first; // the first gradient's, if that is the store's own
    private long ids;
    private long rows;

    GpuGradients(Gpus gpus, CudaDevice device, Transfers transfers) {
        this.gpus = gpus;
        this.device = device;
        this.gpu = device.gpu();
        this.transfers = transfers;
    }

    /** Begins to bring dense elements of each, in order. */
    void bring(List<Tensor> gradients) {
        for (Tensor gradient : gradients) {
            GpuBuffer own = bring(gradient);
            if (addresses.size() == 1) {
                first = own;
            }
        }
    }

    private GpuBuffer bring(Tensor gradient) {
        if (gradient instanceof DeviceTensor array) {
            return bring(array);
        }
        if (gradient instanceof RowSparseTensor sparse) {
            return scatter(List.of(sparse), sparse.idsInPlace());
        }
        Optional<Decoding.Bits> bits =
                gradient instanceof EncodedTensor encoded ? Decoding.bits(encoded) : Optional.empty();
        if (bits.isPresent()) {
            return unpack((EncodedTensor) gradient, bits.get());
        }
        Dense dense = gradient instanceof EncodedTensor encoded ? Decoding.of(encoded) : (Dense) gradient;
        GpuBuffer into = take(dense.bytes(), gpu.uploads());
        addresses.add(into.address());
        transfers.add(read -> gpu.upload(gpu.uploads(), dense, into.address(), read));
        return into;
    }

    private GpuBuffer bring(DeviceTensor array) {
        StoreGpu there = gpus.of(array);
        if (there == gpu) {
            gpus.await(array, gpu.arithmetic());
            addresses.add(array.address());
            return null;
        }
        boolean near = gpu.reaches(there);
        GpuBuffer into = take(array.bytes(), near ? gpu.arithmetic() : gpu.uploads());
        addresses.add(into.address());
        if (near) {
            gpus.await(array, gpu.arithmetic());
            gpu.arithmetic().copyFrom(there.gpu(), into.address(), array.address(), array.bytes());
        } else {
            DenseTensor copy = device.pool().take(array.dtype(), array.shape());
            copies.add(copy);
            transfers.add(read -> gpus.download(array, copy, failure -> {
                if (failure != null) {
                    read.run(failure);
                } else {
                    gpu.upload(gpu.uploads(), copy, into.address(), read);
                }
            }));
        }
        return into;
    }

    private GpuBuffer unpack(EncodedTensor encoded, Decoding.Bits bits) {
        long count = encoded.shape().length();
        GpuBuffer payload = take(encoded.bytes(), gpu.uploads());
        GpuBuffer into = take(count * DType.FLOAT32.bytes(), gpu.arithmetic());
        addresses.add(into.address());
        transfers.add(read -> gpu.upload(gpu.uploads(), encoded.payload(), payload.address(), read));
        unpacking.add(() -> gpu.kernels()
                .decode(
                        gpu.arithmetic(),
                        bits.count(),
                        bits.threshold(),
                        payload.address(),
                        into.address(),
                        count,
                        false));
        return into;
    }

    /** Dense elements of the sum, zeros where no rows are given. */
    private GpuBuffer scatter(List<RowSparseTensor> gradients, long[] sumIds) {
        RowSparseTensor any = gradients.get(0);
        long bytes = any.shape().length() * any.dtype().bytes();
        GpuBuffer into = take(bytes, gpu.arithmetic());
        addresses.add(into.address());
        long from = bringElements(gradients, sumIds);
        long to = bringIds(sumIds);
        unpacking.add(() -> {
            gpu.arithmetic().fill(into.address(), (byte) 0, bytes);
            gpu.kernels()
                    .scatterRows(
                            gpu.arithmetic(),
                            any.dtype(),
                            from,
                            to,
                            sumIds.length,
                            any.shape().rowLength(),
                            into.address());
        });
        return into;
    }

    /**
     * Begins to bring the sum of row-sparse gradients as one with dense elements.
     *
     * @param sumIds {@link Merge#ids} of them
     */
    void bringAsDense(List<RowSparseTensor> gradients, long[] sumIds) {
        first = scatter(gradients, sumIds);
    }

    /**
     * Begins to bring the rows alone of the sum of row-sparse gradients, and where they belong.
     *
     * @param sumIds {@link Merge#ids} of them
     */
    void bringRows(List<RowSparseTensor> gradients, long[] sumIds) {
        addresses.add(bringElements(gradients, sumIds));
        ids = bringIds(sumIds);
        rows = sumIds.length;
    }

    /** The sum's rows one after the other, in the order of the ids. */
    private long bringElements(List<RowSparseTensor> gradients, long[] sumIds) {
        if (gradients.size() == 1) {
            return bringElements(gradients.get(0));
        }
        DType dtype = gradients.get(0).dtype();
        long rowLength = gradients.get(0).shape().rowLength();
        long[] sources = gradients.stream().mapToLong(this::bringElements).toArray();
        long[] places = gradients.stream()
                .mapToLong(gradient -> bringPlaces(Merge.places(gradient, sumIds)))
                .toArray();
        long into = scratch(sumIds.length * rowLength * dtype.bytes());
        unpacking.add(
                () -> gpu.kernels().sumRows(gpu.arithmetic(), dtype, sources, places, into, sumIds.length, rowLength));
        return into;
    }

    private long bringElements(RowSparseTensor sparse) {
        GpuBuffer elements = take(sparse.rows().bytes(), gpu.uploads());
        transfers.add(read -> gpu.upload(gpu.uploads(), sparse.rows(), elements.address(), read));
        return elements.address();
    }

    private long bringPlaces(int[] places) {
        GpuBuffer there = take(4L * places.length, gpu.uploads());
        transfers.add(read -> gpu.upload(gpu.uploads(), places, there.address(), read));
        return there.address();
    }

    private long bringIds(long[] sumIds) {
        GpuBuffer there = take(8L * sumIds.length, gpu.uploads());
        transfers.add(read -> gpu.upload(gpu.uploads(), sumIds, there.address(), read));
        return there.address();
    }

    /** Memory for the arithmetic, given back with the rest. */
    long scratch(long bytes) {
        return take(bytes, gpu.arithmetic()).address();
    }

    private GpuBuffer take(long bytes, GpuStream user) {
        GpuBuffer buffer = gpu.take(bytes, user, device.inUse());
        buffers.add(buffer);
        return buffer;
    }

    /** The transfers are over, and the arithmetic stream comes after them: lets it unpack what came packed. */
    void unpack() {
        unpacking.forEach(Runnable::run);
    }

    /** Where the elements of each are, once {@link #unpack} has done its work. */
    long[] addresses() {
        return addresses.stream().mapToLong(Long::longValue).toArray();
    }

    /** Where the ids of {@link #bringRows} are. */
    long ids() {
        return ids;
    }

    /** How many ids there are. */
    long rows() {
        return rows;
    }

    /** The buffer of the first gradient, the caller's from now on; null if the gradient is in memory of the program's. */
    GpuBuffer takeFirst() {
        GpuBuffer taken = first;
        first = null;
        buffers.remove(taken);
        return taken;
    }

    /** Gives back what they needed; all work on it is done. */
    void release() {
        buffers.forEach(GpuBuffer::release);
        buffers.clear();
        copies.forEach(DenseTensor::release);
        copies.clear();
    }
}
