package io.kvstore.files;

import io.kvstore.Key;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import io.kvstore.tensor.TensorBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32C;

/** Writes a states file, in the order of its parts, through one small buffer; the package says how it is laid out. */
public final class StatesWriter {
    static final byte[] MAGIC = "KVSTATES".getBytes(StandardCharsets.US_ASCII);
    static final int FORMAT = 1;
    static final byte INTEGER_KEY = 0;
    static final byte STRING_KEY = 1;
    static final int BUFFER = 1 << 16;

    private final WritableByteChannel file;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER).order(ByteOrder.LITTLE_ENDIAN);
    private final CRC32C sum = new CRC32C();
    private int summed; // the buffer's bytes before it are in the sum already

    /** Writes the head; {@code head.keys()} entries must follow, and then {@link #end}. */
    public StatesWriter(WritableByteChannel file, StatesHead head) throws IOException {
        this.file = file;
        buffer.put(MAGIC).putInt(FORMAT);
        text(head.form().rule());
        room(5).putInt(head.form().states()).put((byte) (head.form().multiPrecision() ? 1 : 0));
        text(head.optimizer().orElse(""));
        room(4).putInt(head.keys());
        checksum();
    }

    /** Writes one key and its states, which have the types and the shape of {@code entry}. */
    public void entry(StatesEntry entry, List<DenseTensor> states) throws IOException {
        key(entry.key());
        type(entry.dtype());
        shape(entry.shape());
        room(12).putLong(entry.updates()).putInt(states.size());
        for (DenseTensor state : states) {
            type(state.dtype());
        }
        checksum();
        for (DenseTensor state : states) {
            elements(state);
            checksum();
        }
    }

    /** Everything was given. */
    public void end() throws IOException {
        drain();
    }

    private void key(Key key) throws IOException {
        if (key.isInteger()) {
            room(9).put(INTEGER_KEY).putLong(key.number());
        } else {
            room(1).put(STRING_KEY);
            text(key.name());
        }
    }

    private void type(DType dtype) throws IOException {
        room(1).put((byte) dtype.code());
    }

    private void shape(Shape shape) throws IOException {
        room(4).putInt(shape.rank());
        for (long extent : shape.toArray()) {
            room(8).putLong(extent);
        }
    }

    private void text(String text) throws IOException {
        ByteBuffer bytes;
        try {
            bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
        } catch (CharacterCodingException e) {
            throw new IOException("'" + text + "' is no Unicode text", e);
        }
        room(4).putInt(bytes.remaining());
        while (bytes.hasRemaining()) {
            ByteBuffer part = bytes.slice();
            part.limit(Math.min(part.remaining(), room(1).remaining()));
            bytes.position(bytes.position() + part.remaining());
            buffer.put(part);
        }
    }

    private void elements(DenseTensor tensor) throws IOException {
        for (int from = 0, count; from < tensor.length(); from += count) {
            count = Math.min(room(8).remaining() / tensor.dtype().bytes(), tensor.length() - from);
            TensorBytes.put(tensor, from, count, buffer);
        }
    }

    private void checksum() throws IOException {
        sumUp();
        int value = (int) sum.getValue();
        sum.reset();
        room(Integer.BYTES).putInt(value);
        summed = buffer.position();
    }

    private void sumUp() {
        sum.update(buffer.duplicate().flip().position(summed));
        summed = buffer.position();
    }

    /** The buffer, with room for so many bytes. */
    private ByteBuffer room(int bytes) throws IOException {
        if (buffer.remaining() < bytes) {
            drain();
        }
        return buffer;
    }

    private void drain() throws IOException {
        sumUp();
        buffer.flip();
        while (buffer.hasRemaining()) {
            file.write(buffer);
        }
        buffer.clear();
        summed = 0;
    }
}
