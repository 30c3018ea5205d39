package io.kvstore.compression;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.KeyInfo;
import io.kvstore.Reason;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.Dense;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.DeviceTensor;
import io.kvstore.tensor.EncodedTensor;
import io.kvstore.tensor.Kernels;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Shape;
import io.kvstore.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;

/**
 * A sender's side of a compression: packs gradients, and keeps for each key and device what was not sent, to add it to
 * the next gradient. Any number of threads may use it; the pushes of one key have one order.
 *
 * <p>What is left is replaced when a push is sent, never changed: a push that cannot be packed or sent leaves it as it
 * was. It starts at zero, belongs to one life of a key (its generation), and costs 4 bytes per element and device. What a
 * gradient on a device leaves stays on that device ({@link DevicePacker}).
 */
public final class Residuals {
    /** What one key's devices have not sent; guarded by itself. */
    private static final class OfKey {
        private long generation;
        private List<Residual> left = List.of();
        private boolean forgotten;
    }

    private final GradientCompression compression;
    private final BufferPool pool;
    private final DevicePacker devices; // null: none
    private final ConcurrentMap<Key, OfKey> keys = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /** Of a sender whose gradients are all on the host. @param pool where what is left is kept */
    public Residuals(GradientCompression compression, BufferPool pool) {
        this(compression, pool, null);
    }

    /**
     * @param pool where what is left of arrays of the host is kept
     * @param devices packs arrays on devices; null if there will be none
     */
    public Residuals(GradientCompression compression, BufferPool pool, DevicePacker devices) {
        this.compression = compression;
        this.pool = pool;
        this.devices = devices;
    }

    public GradientCompression compression() {
        return compression;
    }

    /**
     * Why gradients of the key's shape and type cannot be packed, or null if they can. A value that is not finite is
     * refused, because what it leaves would never be finite again. The message does not name the key.
     *
     * @throws KVStoreException naming the key, if a device cannot tell
     */
    public KVStoreException problem(String operation, KeyInfo info, List<? extends Tensor> gradients) {
        String with = operation + " with gradient compression " + compression;
        if (info.rowSparse() || gradients.stream().anyMatch(RowSparseTensor.class::isInstance)) {
            return new KVStoreException(
                    Reason.STORAGE_MISMATCH,
                    with + " expects a dense key and dense arrays, given a row-sparse "
                            + (info.rowSparse() ? "key" : "array") + "; switch compression off to push it");
        }
        if (info.dtype() != DType.FLOAT32) {
            return new KVStoreException(
                    Reason.UNSUPPORTED_DTYPE, with + " expects a key of type float32, given " + info.dtype());
        }
        long bytes = payloadBytes(info);
        if (bytes > DenseTensor.MAX_LENGTH) {
            return new KVStoreException(
                    Reason.INVALID_ARGUMENT,
                    with + " would make a payload of " + bytes + " bytes, at most " + DenseTensor.MAX_LENGTH + " fit");
        }
        KVStoreException problem = notFinite(with, gradients);
        return problem != null ? problem : problemOnDevices(info.key(), with, gradients);
    }

    private KVStoreException problemOnDevices(Key key, String with, List<? extends Tensor> gradients) {
        List<DeviceTensor> arrays = gradients.stream()
                .filter(DeviceTensor.class::isInstance)
                .map(DeviceTensor.class::cast)
                .toList();
        if (arrays.isEmpty()) {
            return null;
        }
        if (Decoding.bits(compression.codec()).isEmpty()) {
            return new KVStoreException(
                    Reason.UNSUPPORTED,
                    with + " expects arrays of the host, given one on a GPU; 1bit and 2bit pack those too, or switch"
                            + " compression off");
        }
        int wrong = devices.firstNotFinite(key, arrays);
        return wrong < 0
                ? null
                : new KVStoreException(
                        Reason.INVALID_ARGUMENT,
                        with + " expects finite values, given an infinite one or a NaN in " + arrays.get(wrong));
    }

    private static KVStoreException notFinite(String with, List<? extends Tensor> gradients) {
        for (int device = 0; device < gradients.size(); device++) {
            if (!(gradients.get(device) instanceof Dense gradient)) {
                continue;
            }
            int element = Kernels.firstNotFinite(gradient);
            if (element >= 0) {
                float[] value = new float[1];
                gradient.read(element, value, 0, 1);
                return new KVStoreException(
                        Reason.INVALID_ARGUMENT,
                        with + " expects finite values, given " + value[0] + " as element " + element
                                + (gradients.size() == 1 ? "" : " of array " + device));
            }
        }
        return null;
    }

    /** Bytes of one device's packed gradient of the key. */
    public long payloadBytes(KeyInfo info) {
        return compression.codec().payloadBytes((int) info.shape().length());
    }

    /**
     * Packs a push and sends it, before any later push of the key is packed.
     *
     * @param info the key
     * @param gradients one of each device, without a {@link #problem}
     * @param send sends the packed gradients, {@link EncodedTensor}s; if it throws, nothing was sent
     */
    public <T> T send(KeyInfo info, List<? extends Tensor> gradients, Function<List<Tensor>, T> send) {
        return send(info, Integer.MAX_VALUE, gradients, send);
    }

    /**
     * As {@link #send(KeyInfo, List, Function)}, each gradient cut into slices, which are packed one by one and yet as parts
     * of the whole. One on a device is packed in one piece.
     *
     * @param sliceElements how many elements each slice but the last has
     */
    public <T> T send(
            KeyInfo info, int sliceElements, List<? extends Tensor> gradients, Function<List<Tensor>, T> send) {
        OfKey mine = keys.computeIfAbsent(info.key(), key -> new OfKey());
        synchronized (mine) {
            if (mine.generation != info.generation()) {
                release(mine);
                mine.generation = info.generation();
            }
            List<Residual> next = new ArrayList<>(gradients.size());
            T sent;
            try {
                sent = send.apply(pack(info, gradients, sliceElements, mine.left, next));
            } catch (RuntimeException | Error e) {
                next.forEach(Residual::release);
                throw e;
            }
            replace(mine, next);
            return sent;
        }
    }

    private List<Tensor> pack(
            KeyInfo info,
            List<? extends Tensor> gradients,
            int sliceElements,
            List<Residual> left,
            List<Residual> next) {
        List<Tensor> packed = new ArrayList<>(gradients.size());
        for (int device = 0; device < gradients.size(); device++) {
            Residual earlier = device < left.size() ? left.get(device) : null;
            if (gradients.get(device) instanceof DeviceTensor array) {
                packed.add(packThere(info, array, earlier, next));
                continue;
            }
            Dense gradient = (Dense) gradients.get(device);
            DenseTensor sum = earlier == null ? start(gradient) : add(gradient, earlier);
            next.add(new HostResidual(sum));
            packInto(packed, gradient.shape(), sum.floats(), sliceElements);
        }
        return packed;
    }

    private EncodedTensor packThere(KeyInfo info, DeviceTensor gradient, Residual earlier, List<Residual> next) {
        Decoding.Bits bits = Decoding.bits(compression.codec()).orElseThrow();
        DevicePacker.Packed packed = devices.pack(info.key(), gradient, bits, (int) payloadBytes(info), earlier);
        next.add(packed.left());
        return new EncodedTensor(compression.toString(), DType.FLOAT32, gradient.shape(), packed.payload());
    }

    private DenseTensor add(Dense gradient, Residual earlier) {
        DenseTensor left = earlier.onHost();
        try {
            return sum(gradient, left);
        } finally {
            left.release();
        }
    }

    private void packInto(List<Tensor> packed, Shape shape, float[] sum, int sliceElements) {
        GradientCodec.Encoder encoder = compression.codec().encoder(sum);
        if (sum.length <= sliceElements) {
            packed.add(new EncodedTensor(compression.toString(), DType.FLOAT32, shape, encoder.encode(0, sum.length)));
            return;
        }
        for (int from = 0; from < sum.length; from += sliceElements) {
            int count = Math.min(sliceElements, sum.length - from);
            packed.add(new EncodedTensor(
                    compression.toString(), DType.FLOAT32, Shape.of(count), encoder.encode(from, count)));
            if (count < sliceElements) {
                return; // from may be close to the greatest int
            }
        }
    }

    private DenseTensor start(Dense gradient) {
        DenseTensor zeros = pool.zeros(gradient.dtype(), gradient.shape());
        try {
            return sum(gradient, zeros);
        } finally {
            zeros.release();
        }
    }

    private DenseTensor sum(Dense gradient, DenseTensor left) {
        return pool.filled(gradient.dtype(), gradient.shape(), sum -> Kernels.sum(List.of(gradient, left), sum));
    }

    private void replace(OfKey key, List<Residual> next) {
        List<Residual> old = key.left;
        for (int device = 0; device < Math.min(next.size(), old.size()); device++) {
            old.get(device).release();
        }
        if (old.size() > next.size()) { // a push of fewer devices: the others' stays
            next.addAll(old.subList(next.size(), old.size()));
        }
        key.left = next;
        if (closed || key.forgotten) {
            release(key);
        }
    }

    private static void release(OfKey key) {
        key.left.forEach(Residual::release);
        key.left = List.of();
    }

    /** Gives up what is left of a key that was deleted. */
    public void forget(Key key) {
        OfKey old = keys.remove(key);
        if (old != null) {
            synchronized (old) {
                old.forgotten = true;
                release(old);
            }
        }
    }

    /** Gives up what is left of all keys; pushes that are still under way leave nothing. */
    public void close() {
        closed = true;
        keys.keySet().forEach(this::forget);
    }
}
