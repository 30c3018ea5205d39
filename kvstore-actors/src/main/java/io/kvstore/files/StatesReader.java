package io.kvstore.files;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.optimizer.StateForm;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Reads a states file, in the order of its parts; the package says how it is laid out.
 *
 * <p>Every method throws a {@link KVStoreException} that names the file: {@link Reason#INVALID_FILE} if it is not what it
 * should be, {@link Reason#FILE_FAILED} if it cannot be read.
 */
public final class StatesReader implements Closeable {
    private final Path file;
    private final FileChannel channel;
    private final CheckedInput input;
    private final StatesHead head;

    /** Opens the file and reads its head. */
    public static StatesReader open(Path file) {
        return attempt(file, () -> {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
            try {
                return new StatesReader(file, channel);
            } catch (IOException | RuntimeException | Error e) {
                channel.close();
                throw e;
            }
        });
    }

    private StatesReader(Path file, FileChannel channel) throws IOException {
        this.file = file;
        this.channel = channel;
        this.input = new CheckedInput(channel);
        this.head = readHead();
    }

    public StatesHead head() {
        return head;
    }

    /** What stands before the next key's states, which must be read next. */
    public StatesEntry entry() {
        return attempt(file, this::readEntry);
    }

    /** The states of {@code entry}, in buffers of {@code pool}, held once by the caller. */
    public List<DenseTensor> states(StatesEntry entry, BufferPool pool) {
        List<DenseTensor> states = new ArrayList<>(entry.states().size());
        try {
            for (DType dtype : entry.states()) {
                states.add(attempt(file, () -> readState(dtype, entry.shape(), pool)));
            }
            return states;
        } catch (RuntimeException | Error e) {
            states.forEach(DenseTensor::release);
            throw e;
        }
    }

    /** Checks that the file ends here. */
    public void end() {
        attempt(file, () -> {
            if (input.left() > 0) {
                throw new InvalidFileException(
                        input.left() + " bytes follow behind the last of its " + head.keys() + " keys");
            }
            return null;
        });
    }

    @Override
    public void close() {
        attempt(file, () -> {
            channel.close();
            return null;
        });
    }

    private StatesHead readHead() throws IOException {
        if (input.left() < StatesWriter.MAGIC.length
                || !Arrays.equals(input.bytes(StatesWriter.MAGIC.length), StatesWriter.MAGIC)) {
            throw new InvalidFileException("it is no file of optimizer states: it does not begin with KVSTATES");
        }
        int format = input.int32();
        if (format != StatesWriter.FORMAT) {
            throw new InvalidFileException("expected format " + StatesWriter.FORMAT + ", given " + format
                    + (format > StatesWriter.FORMAT ? "; it was written by a newer version, or is damaged" : ""));
        }
        String rule = input.text();
        StateForm form = new StateForm(rule, input.int32(), input.flag());
        String optimizer = input.text();
        int keys = input.int32();
        input.checksum("its head");
        if (form.states() < 0 || keys < 0) {
            throw new InvalidFileException(
                    "expected numbers from 0 on, given " + form.states() + " states of each of " + keys + " keys");
        }
        return new StatesHead(form, optimizer.isEmpty() ? Optional.empty() : Optional.of(optimizer), keys);
    }

    private StatesEntry readEntry() throws IOException {
        byte kind = input.int8();
        if (kind != StatesWriter.INTEGER_KEY && kind != StatesWriter.STRING_KEY) {
            throw new InvalidFileException("expected a kind of key of 0 or 1, given " + kind);
        }
        long number = kind == StatesWriter.INTEGER_KEY ? input.int64() : 0;
        String name = kind == StatesWriter.STRING_KEY ? input.text() : "";
        byte dtype = input.int8();
        long[] extents = new long[input.count(Long.BYTES)];
        for (int i = 0; i < extents.length; i++) {
            extents[i] = input.int64();
        }
        long updates = input.int64();
        byte[] states = input.bytes(input.count(Byte.BYTES));
        input.checksum("the description of a key");
        if (kind == StatesWriter.STRING_KEY && name.isEmpty()) {
            throw new InvalidFileException("a key's name is empty");
        }
        Key key = kind == StatesWriter.INTEGER_KEY ? Key.of(number) : Key.of(name);
        List<DType> types = new ArrayList<>(states.length);
        for (byte state : states) {
            types.add(type(key, state));
        }
        StatesEntry entry = new StatesEntry(key, shape(key, extents), type(key, dtype), updates, types);
        List<DType> expected = updates == 0 ? List.of() : head.form().types(entry.dtype());
        if (updates < 0 || !types.equals(expected)) {
            throw new InvalidFileException("key " + key + ": expected, after " + updates + " updates by " + head.form()
                    + ", states of types " + expected + ", given " + types);
        }
        return entry;
    }

    private static DType type(Key key, byte code) throws InvalidFileException {
        return DType.ofCode(code)
                .orElseThrow(() -> new InvalidFileException("key " + key + ": no element type has code " + code));
    }

    private static Shape shape(Key key, long[] extents) throws InvalidFileException {
        try {
            Shape shape = Shape.of(extents);
            if (shape.length() <= DenseTensor.MAX_LENGTH) {
                return shape;
            }
        } catch (IllegalArgumentException | ArithmeticException e) {
            // said below
        }
        throw new InvalidFileException("key " + key + ": no value has the shape " + Arrays.toString(extents));
    }

    private DenseTensor readState(DType dtype, Shape shape, BufferPool pool) throws IOException {
        input.expect(shape.length() * dtype.bytes());
        DenseTensor state = pool.take(dtype, shape);
        try {
            input.elements(state);
            input.checksum("a state");
            return state;
        } catch (IOException | RuntimeException | Error e) {
            state.release();
            throw e;
        }
    }

    private interface Reading<T> {
        T read() throws IOException;
    }

    private static <T> T attempt(Path file, Reading<T> reading) {
        try {
            return reading.read();
        } catch (InvalidFileException e) {
            throw new KVStoreException(Reason.INVALID_FILE, null, "file " + file + ": " + e.getMessage(), e);
        } catch (ClosedByInterruptException e) {
            throw new KVStoreException(Reason.INTERRUPTED, null, "interrupted while reading file " + file, e);
        } catch (IOException e) {
            throw new KVStoreException(Reason.FILE_FAILED, null, "cannot read file " + file + ": " + e, e);
        } catch (OutOfMemoryError e) {
            throw new KVStoreException(Reason.OUT_OF_MEMORY, null, "not enough memory to read file " + file, e);
        }
    }
}
