package io.kvstore.compression;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.KeyInfo;
import io.kvstore.Reason;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.Dense;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.EncodedTensor;
import io.kvstore.tensor.Kernels;
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
 * was. It starts at zero, belongs to one life of a key (its generation), and costs 4 bytes per element and device.
 */
public final class Residuals {
    /** What one key's devices have not sent; guarded by itself. */
    private static final class OfKey {
        private long generation;
        private List<DenseTensor> left = List.of();
        private boolean forgotten;
    }

    private final GradientCompression compression;
    private final BufferPool pool;
    private final ConcurrentMap<Key, OfKey> keys = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /** @param pool where what is left is kept */
    public Residuals(GradientCompression compression, BufferPool pool) {
        this.compression = compression;
        this.pool = pool;
    }

    public GradientCompression compression() {
        return compression;
    }

    /**
     * Packs a push and sends it, before any later push of the key is packed.
     *
     * @param info the key, of type float32
     * @param gradients one of each device, of the key's shape and type
     * @param send sends the packed gradients, {@link EncodedTensor}s; if it throws, nothing was sent
     * @throws KVStoreException if a value is not finite: what it leaves would never be finite again
     */
    public <T> T send(KeyInfo info, List<? extends Dense> gradients, Function<List<Tensor>, T> send) {
        OfKey mine = keys.computeIfAbsent(info.key(), key -> new OfKey());
        synchronized (mine) {
            if (mine.generation != info.generation()) {
                release(mine);
                mine.generation = info.generation();
            }
            List<DenseTensor> next = new ArrayList<>(gradients.size());
            T sent;
            try {
                sent = send.apply(pack(gradients, mine.left, next));
            } catch (RuntimeException | Error e) {
                next.forEach(DenseTensor::release);
                throw e;
            }
            replace(mine, next);
            return sent;
        }
    }

    private List<Tensor> pack(List<? extends Dense> gradients, List<DenseTensor> left, List<DenseTensor> next) {
        List<Tensor> packed = new ArrayList<>(gradients.size());
        for (int device = 0; device < gradients.size(); device++) {
            DenseTensor before = device < left.size() ? left.get(device) : null;
            Dense gradient = gradients.get(device);
            DenseTensor sum =
                    pool.filled(DType.FLOAT32, gradient.shape(), into -> sum(gradient, before, into.floats()));
            next.add(sum);
            byte[] payload = compression.codec().encoder(sum.floats()).encode(0, sum.length());
            packed.add(new EncodedTensor(compression.toString(), DType.FLOAT32, gradient.shape(), payload));
        }
        return packed;
    }

    private static void sum(Dense gradient, DenseTensor before, float[] sum) {
        for (int from = 0; from < sum.length; from += Kernels.BLOCK) {
            int count = Math.min(Kernels.BLOCK, sum.length - from);
            gradient.read(from, sum, from, count);
            if (before != null) {
                Kernels.add(DType.FLOAT32, sum, from, before.floats(), from, count);
            }
            checkFinite(sum, from, count);
        }
    }

    private static void checkFinite(float[] values, int from, int count) {
        int greatest = 0;
        for (int i = from; i < from + count; i++) {
            greatest = Math.max(greatest, Float.floatToRawIntBits(values[i]) & Integer.MAX_VALUE);
        }
        if (!Float.isFinite(Float.intBitsToFloat(greatest))) {
            int i = from;
            while (Float.isFinite(values[i])) {
                i++;
            }
            throw new KVStoreException(
                    Reason.INVALID_ARGUMENT,
                    "gradient compression expects finite values, given " + values[i] + " at element " + i
                            + "; nothing was pushed");
        }
    }

    private void replace(OfKey key, List<DenseTensor> next) {
        List<DenseTensor> old = key.left;
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
        key.left.forEach(DenseTensor::release);
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
