package io.kvstore.compression;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Numbers in payloads, little-endian at any byte, and the check that codecs of a fixed size share. */
final class Payloads {
    private static final VarHandle SHORTS =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle FLOATS =
            MethodHandles.byteArrayViewVarHandle(float[].class, ByteOrder.LITTLE_ENDIAN);

    private Payloads() {}

    static short getShort(byte[] payload, int at) {
        return (short) SHORTS.get(payload, at);
    }

    static void putShort(byte[] payload, int at, short value) {
        SHORTS.set(payload, at, value);
    }

    static int getInt(byte[] payload, int at) {
        return (int) INTS.get(payload, at);
    }

    static void putInt(byte[] payload, int at, int value) {
        INTS.set(payload, at, value);
    }

    static float getFloat(byte[] payload, int at) {
        return (float) FLOATS.get(payload, at);
    }

    static void putFloat(byte[] payload, int at, float value) {
        FLOATS.set(payload, at, value);
    }

    /** Why a payload of a fixed size has another one, or null. */
    static String sizeProblem(byte[] payload, long expected, int length) {
        return payload.length == expected
                ? null
                : "the payload of " + length + " elements has " + expected + " bytes, given " + payload.length;
    }
}
