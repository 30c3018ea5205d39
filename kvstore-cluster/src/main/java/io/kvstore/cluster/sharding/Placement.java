package io.kvstore.cluster.sharding;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.actor.Layout;
import io.kvstore.actor.Part;
import io.kvstore.cluster.ClusterSettings;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.Shape;
import java.nio.charset.StandardCharsets;

/**
 * How one store's keys are cut into slices and hashed to shards; the same on every node, whatever its version or byte
 * order.
 *
 * @param store the store's name
 * @param shards the number of shards, at least 1
 * @param sliceBytes the most bytes of one slice
 */
public record Placement(String store, int shards, int sliceBytes) {
    private static final int ROW_ID_BYTES = Long.BYTES;
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    public static Placement of(ClusterSettings settings) {
        return new Placement(settings.job().storeName(), settings.shards(), settings.sliceBytes());
    }

    /**
     * How a key's value is cut: slices of at most {@link #sliceBytes}, a row-sparse key's of whole rows, each row counted
     * with the id that travels with it.
     *
     * @throws KVStoreException if one row is larger than a slice may be, or the key would have more slices than can be counted
     */
    public Layout layout(Shape shape, DType dtype, boolean rowSparse) {
        if (!rowSparse) {
            requireCountable(shape, Math.max(1, sliceBytes / dtype.bytes()));
            return Layout.sliced(shape, dtype, false, sliceBytes);
        }
        long row = Math.max(1, shape.rowLength());
        long rows = sliceBytes / (row * dtype.bytes() + ROW_ID_BYTES);
        if (rows < 1) {
            throw new KVStoreException(
                    Reason.SHAPE_MISMATCH,
                    "a row of " + row + " " + dtype + " elements and its id take "
                            + (row * dtype.bytes() + ROW_ID_BYTES)
                            + " bytes, and a slice, which holds whole rows, at most kvstore.slice-bytes = " + sliceBytes
                            + "; raise it on all servers and workers, or initialise the key dense");
        }
        requireCountable(shape, rows * row);
        return new Layout(shape, dtype, true, Math.toIntExact(rows * row));
    }

    private void requireCountable(Shape shape, long perSlice) {
        if (shape.length() / perSlice >= Integer.MAX_VALUE) {
            throw new KVStoreException(
                    Reason.SHAPE_MISMATCH,
                    "a value of shape " + shape + " would have more than " + Integer.MAX_VALUE
                            + " slices of kvstore.slice-bytes = " + sliceBytes);
        }
    }

    /** The entity that a part of a key is. */
    public EntityId entity(Part part) {
        return new EntityId(store, part);
    }

    /** The shard of a part: consecutive slices are in consecutive shards, after the last comes 0. */
    public int shard(Part part) {
        return shard(store, part, shards);
    }

    /** The shard of a part of any store. */
    public static int shard(EntityId id, int shards) {
        return shard(id.store(), id.part(), shards);
    }

    private static int shard(String store, Part part, int shards) {
        return Math.floorMod((long) hash(store, part.key()) + part.slice(), shards);
    }

    /**
     * FNV-1a with 64 bits over the UTF-8 bytes of the store's name, a zero, {@code i} or {@code s} for the kind of key,
     * and the key's name; its halves xor-ed. Part of the protocol.
     */
    static int hash(String store, Key key) {
        String text = store + '\0' + EntityId.kind(key) + key.name();
        long hash = FNV_OFFSET;
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * FNV_PRIME;
        }
        return (int) (hash ^ (hash >>> 32));
    }
}
