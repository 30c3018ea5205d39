package io.kvstore.files;

import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.TensorBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/** Little-endian numbers, texts and tensors from a file, with checksums; never takes more memory than the file is long. */
final class CheckedInput {
    private final FileChannel file;
    private final ByteBuffer buffer = ByteBuffer.allocate(StatesWriter.BUFFER)
            .order(ByteOrder.LITTLE_ENDIAN)
            .flip();
    private final CRC32C sum = new CRC32C();
    private long left;

    CheckedInput(FileChannel file) throws IOException {
        this.file = file;
        this.left = file.size() - file.position();
    }

    /** Bytes that were not read yet. */
    long left() {
        return left;
    }

    /** Refuses a file that has fewer bytes left. */
    void expect(long bytes) throws InvalidFileException {
        if (bytes < 0 || bytes > left) {
            throw new InvalidFileException("it is cut off or damaged: expected " + bytes + " more bytes, has " + left);
        }
    }

    byte int8() throws IOException {
        return take(Byte.BYTES).get();
    }

    boolean flag() throws IOException {
        byte value = int8();
        if (value != 0 && value != 1) {
            throw new InvalidFileException("expected a flag of 0 or 1, given " + value);
        }
        return value == 1;
    }

    int int32() throws IOException {
        return take(Integer.BYTES).getInt();
    }

    long int64() throws IOException {
        return take(Long.BYTES).getLong();
    }

    /** A number of things that follow, {@code each} bytes long. */
    int count(int each) throws IOException {
        int count = int32();
        expect((long) count * each);
        return count;
    }

    byte[] bytes(int count) throws IOException {
        expect(count);
        byte[] bytes = new byte[count];
        for (int at = 0, part; at < count; at += part) {
            part = Math.min(count - at, StatesWriter.BUFFER);
            take(part).get(bytes, at, part);
        }
        return bytes;
    }

    String text() throws IOException {
        byte[] bytes = bytes(count(Byte.BYTES));
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new InvalidFileException("it is damaged: a text is not UTF-8");
        }
    }

    /** Fills {@code tensor}, exclusively the caller's. */
    void elements(DenseTensor tensor) throws IOException {
        int width = tensor.dtype().bytes();
        for (int from = 0, count; from < tensor.length(); from += count) {
            count = Math.min(StatesWriter.BUFFER / width, tensor.length() - from);
            TensorBytes.get(take(count * width), tensor, from, count);
        }
    }

    /** Reads a checksum and compares it with that of all bytes since the last. */
    void checksum(String what) throws IOException {
        int expected = (int) sum.getValue();
        int given = int32();
        sum.reset();
        if (given != expected) {
            throw new InvalidFileException("it is damaged: the checksum of " + what + " ends at byte "
                    + (file.position() - buffer.remaining()) + " and is " + Integer.toHexString(given) + ", expected "
                    + Integer.toHexString(expected));
        }
    }

    /** The buffer, with at least {@code bytes} in it, which count as read; at most its capacity. */
    private ByteBuffer take(int bytes) throws IOException {
        expect(bytes);
        if (buffer.remaining() < bytes) {
            buffer.compact();
            while (buffer.position() < bytes) {
                if (file.read(buffer) < 0) {
                    throw new InvalidFileException("it became shorter while it was read");
                }
            }
            buffer.flip();
        }
        left -= bytes;
        sum.update(buffer.slice().limit(bytes));
        return buffer;
    }
}
