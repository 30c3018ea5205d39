package io.kvstore.tensor;

import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;

/** A piece of native memory seen as elements of one type, with bulk copies from and to heap arrays. */
abstract class Primitives {

    static Primitives of(DType dtype, ByteBuffer memory) {
        return switch (dtype) {
            case FLOAT32 -> new Floats(memory.asFloatBuffer());
            case FLOAT64 -> new Doubles(memory.asDoubleBuffer());
            case FLOAT16, BFLOAT16 -> new Shorts(memory.asShortBuffer());
            case INT8, UINT8 -> new Bytes(memory);
            case INT32 -> new Ints(memory.asIntBuffer());
            case INT64 -> new Longs(memory.asLongBuffer());
        };
    }

    /** Elements in this piece. */
    abstract int length();

    abstract void get(int from, Object target, int at, int count);

    abstract void put(int into, Object source, int at, int count);

    /** Copies elements of another piece of this type, without an array in between. */
    abstract void put(int into, Primitives source, int from, int count);

    /** One element; bulk copies have a fixed cost that single elements need not pay. */
    abstract void get(int from, Object target, int at);

    abstract void put(int into, Object source, int at);

    private static final class Floats extends Primitives {
        private final FloatBuffer memory;

        Floats(FloatBuffer memory) {
            this.memory = memory;
        }

        @Override
        int length() {
            return memory.capacity();
        }

        @Override
        void get(int from, Object target, int at, int count) {
            memory.get(from, (float[]) target, at, count);
        }

        @Override
        void put(int into, Object source, int at, int count) {
            memory.put(into, (float[]) source, at, count);
        }

        @Override
        void put(int into, Primitives source, int from, int count) {
            memory.put(into, ((Floats) source).memory, from, count);
        }

        @Override
        void get(int from, Object target, int at) {
            ((float[]) target)[at] = memory.get(from);
        }

        @Override
        void put(int into, Object source, int at) {
            memory.put(into, ((float[]) source)[at]);
        }
    }

    private static final class Doubles extends Primitives {
        private final DoubleBuffer memory;

        Doubles(DoubleBuffer memory) {
            this.memory = memory;
        }

        @Override
        int length() {
            return memory.capacity();
        }

        @Override
        void get(int from, Object target, int at, int count) {
            memory.get(from, (double[]) target, at, count);
        }

        @Override
        void put(int into, Object source, int at, int count) {
            memory.put(into, (double[]) source, at, count);
        }

        @Override
        void put(int into, Primitives source, int from, int count) {
            memory.put(into, ((Doubles) source).memory, from, count);
        }

        @Override
        void get(int from, Object target, int at) {
            ((double[]) target)[at] = memory.get(from);
        }

        @Override
        void put(int into, Object source, int at) {
            memory.put(into, ((double[]) source)[at]);
        }
    }

    private static final class Shorts extends Primitives {
        private final ShortBuffer memory;

        Shorts(ShortBuffer memory) {
            this.memory = memory;
        }

        @Override
        int length() {
            return memory.capacity();
        }

        @Override
        void get(int from, Object target, int at, int count) {
            memory.get(from, (short[]) target, at, count);
        }

        @Override
        void put(int into, Object source, int at, int count) {
            memory.put(into, (short[]) source, at, count);
        }

        @Override
        void put(int into, Primitives source, int from, int count) {
            memory.put(into, ((Shorts) source).memory, from, count);
        }

        @Override
        void get(int from, Object target, int at) {
            ((short[]) target)[at] = memory.get(from);
        }

        @Override
        void put(int into, Object source, int at) {
            memory.put(into, ((short[]) source)[at]);
        }
    }

    private static final class Bytes extends Primitives {
        private final ByteBuffer memory;

        Bytes(ByteBuffer memory) {
            this.memory = memory;
        }

        @Override
        int length() {
            return memory.capacity();
        }

        @Override
        void get(int from, Object target, int at, int count) {
            memory.get(from, (byte[]) target, at, count);
        }

        @Override
        void put(int into, Object source, int at, int count) {
            memory.put(into, (byte[]) source, at, count);
        }

        @Override
        void put(int into, Primitives source, int from, int count) {
            memory.put(into, ((Bytes) source).memory, from, count);
        }

        @Override
        void get(int from, Object target, int at) {
            ((byte[]) target)[at] = memory.get(from);
        }

        @Override
        void put(int into, Object source, int at) {
            memory.put(into, ((byte[]) source)[at]);
        }
    }

    private static final class Ints extends Primitives {
        private final IntBuffer memory;

        Ints(IntBuffer memory) {
            this.memory = memory;
        }

        @Override
        int length() {
            return memory.capacity();
        }

        @Override
        void get(int from, Object target, int at, int count) {
            memory.get(from, (int[]) target, at, count);
        }

        @Override
        void put(int into, Object source, int at, int count) {
            memory.put(into, (int[]) source, at, count);
        }

        @Override
        void put(int into, Primitives source, int from, int count) {
            memory.put(into, ((Ints) source).memory, from, count);
        }

        @Override
        void get(int from, Object target, int at) {
            ((int[]) target)[at] = memory.get(from);
        }

        @Override
        void put(int into, Object source, int at) {
            memory.put(into, ((int[]) source)[at]);
        }
    }

    private static final class Longs extends Primitives {
        private final LongBuffer memory;

        Longs(LongBuffer memory) {
            this.memory = memory;
        }

        @Override
        int length() {
            return memory.capacity();
        }

        @Override
        void get(int from, Object target, int at, int count) {
            memory.get(from, (long[]) target, at, count);
        }

        @Override
        void put(int into, Object source, int at, int count) {
            memory.put(into, (long[]) source, at, count);
        }

        @Override
        void put(int into, Primitives source, int from, int count) {
            memory.put(into, ((Longs) source).memory, from, count);
        }

        @Override
        void get(int from, Object target, int at) {
            ((long[]) target)[at] = memory.get(from);
        }

        @Override
        void put(int into, Object source, int at) {
            memory.put(into, ((long[]) source)[at]);
        }
    }
}
