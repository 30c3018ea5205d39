package io.kvstore.cluster.link;

import io.kvstore.tensor.Dense;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.TensorBytes;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.agrona.IoUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One end of memory that two processes see, through which the elements of large tensors go from the one to the other:
 *
 * <pre>
 *   i64 bytes taken so far | unused | elements, round and round
 * </pre>
 *
 * <p>It is small, so that what one writes is in the cache when the other reads it and when it is written again. A log of
 * Aeron is many times as large, and its driver has to fill with zeros all that was read. Where elements lie, and that they
 * are there, a message through the log says: so the elements were written before it is read. Each end is for one thread.
 */
final class IpcRing implements AutoCloseable {
    private static final int TAKEN = 0;
    private static final int HEADER = 4096; // a page

    private final File made; // null: by the other end
    private final MappedByteBuffer bytes;
    private final UnsafeBuffer memory;
    private final int capacity; // a power of two
    private long position; // bytes that were written or taken at this end

    private IpcRing(File made, MappedByteBuffer bytes) {
        this.made = made;
        this.bytes = bytes;
        this.memory = new UnsafeBuffer(bytes);
        this.capacity = Integer.highestOneBit(bytes.capacity() - HEADER);
    }

    /** What messages of up to {@code frameBytes} need: room for one while another is read, in bytes. */
    static int capacity(int frameBytes) {
        return Integer.highestOneBit(2 * frameBytes - 1) << 1;
    }

    /** What it takes of its file system, in bytes. */
    static int fileBytes(int capacity) {
        return HEADER + capacity;
    }

    /**
     * Makes a file and is one end.
     *
     * @param capacity a power of two
     * @throws IOException if the file system has no room
     */
    static IpcRing create(Path path, int capacity) throws IOException {
        File file = path.toFile();
        try (FileChannel channel = IoUtil.createEmptyFile(file, fileBytes(capacity), true)) {
            return new IpcRing(file, channel.map(FileChannel.MapMode.READ_WRITE, 0, fileBytes(capacity)));
        } catch (IOException | RuntimeException e) {
            IoUtil.delete(file, true);
            throw new IOException("no room for " + path, e);
        }
    }

    /** The other end of what was made at {@code path}. */
    static IpcRing open(Path path) {
        return new IpcRing(null, IoUtil.mapExistingFile(path.toFile(), "elements of tensors"));
    }

    int capacity() {
        return capacity;
    }

    /** Bytes that have gone through this end. */
    long position() {
        return position;
    }

    /** Whether so many bytes can be written now. */
    boolean hasRoom(int bytes) {
        return position + bytes - memory.getLongVolatile(TAKEN) <= capacity;
    }

    /** Writes all elements of a tensor, {@code place} bytes behind what was {@link #written}. */
    void put(int place, Dense tensor) {
        int size = tensor.dtype().bytes();
        for (int element = 0; element < tensor.length(); ) {
            int at = index(place + element * size);
            int count = Math.min((capacity - at) / size, tensor.length() - element);
            TensorBytes.put(tensor, element, count, view(at, count * size));
            element += count;
        }
    }

    /** The next bytes are those of a message that is on its way. */
    void written(int bytes) {
        position += bytes;
    }

    /** Reads a tensor's elements, which begin {@code place} bytes behind what was {@link #taken}. */
    void get(int place, DenseTensor into) {
        int size = into.dtype().bytes();
        for (int element = 0; element < into.length(); ) {
            int at = index(place + element * size);
            int count = Math.min((capacity - at) / size, into.length() - element);
            TensorBytes.get(view(at, count * size), into, element, count);
            element += count;
        }
    }

    /** The next bytes were read: there is room for others. */
    void taken(int bytes) {
        position += bytes;
        memory.putLongOrdered(TAKEN, position);
    }

    private int index(int distance) {
        return (int) (position + distance) & (capacity - 1);
    }

    private ByteBuffer view(int at, int length) {
        return bytes.duplicate()
                .order(ByteOrder.LITTLE_ENDIAN)
                .position(HEADER + at)
                .limit(HEADER + at + length);
    }

    /** Nothing else may be called then. The file goes with the end that made it, its memory with both. */
    @Override
    public void close() {
        IoUtil.unmap(bytes);
        if (made != null) {
            IoUtil.delete(made, true);
        }
    }
}
