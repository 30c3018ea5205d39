package io.kvstore.examples.benchmarks.mxnet;

/**
 * The functions of {@link MxApi} that benchmarks time, bound without JNA's conversions: a pointer is its address, 64 bits.
 * {@link MxLibrary} binds them.
 */
final class MxCalls {
    private MxCalls() {}

    static native int MXKVStorePush(long store, int count, long keys, long values, int priority);

    static native int MXKVStorePullWithSparse(
            long store, int count, long keys, long values, int priority, byte ignoreSparse);

    static native int MXKVStorePushPull(
            long store,
            int pushCount,
            long pushKeys,
            int pullCount,
            long pullKeys,
            long values,
            long outs,
            int priority);

    static native int MXNDArrayWaitAll();

    static native int MXNDArrayFree(long array);

    static native int MXImperativeInvokeEx(
            long operator,
            int inputCount,
            long inputs,
            long outputCount,
            long outputs,
            int parameterCount,
            long parameterNames,
            long parameterValues,
            long outputStorages);
}
