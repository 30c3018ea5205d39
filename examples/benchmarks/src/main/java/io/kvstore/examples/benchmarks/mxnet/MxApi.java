package io.kvstore.examples.benchmarks.mxnet;

import com.sun.jna.Callback;
import com.sun.jna.Library;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;

/** The functions of MXNet's C interface in use; see {@code include/mxnet/c_api.h} of MXNet 1.9.1. */
interface MxApi extends Library {
    /** MXNet's {@code MXKVStoreUpdater}: the callee frees both arrays. */
    interface IntUpdater extends Callback {
        void invoke(int key, Pointer received, Pointer stored, Pointer context);
    }

    /** MXNet's {@code MXKVStoreStrUpdater}: the callee frees both arrays. */
    interface StringUpdater extends Callback {
        void invoke(String key, Pointer received, Pointer stored, Pointer context);
    }

    /** MXNet's {@code MXKVStoreServerController}. */
    interface Controller extends Callback {
        void invoke(int head, String body, Pointer context);
    }

    int MXGetVersion(IntByReference version);

    String MXGetLastError();

    int MXNotifyShutdown();

    int MXNDArrayCreateEx(
            int[] shape, int rank, int deviceType, int device, int delayed, int type, PointerByReference out);

    int MXNDArrayCreateSparseEx(
            int storage,
            int[] shape,
            int rank,
            int deviceType,
            int device,
            int delayed,
            int type,
            int auxCount,
            int[] auxTypes,
            int[] auxRanks,
            int[] auxShapes,
            PointerByReference out);

    int MXNDArrayFree(Pointer array);

    int MXNDArraySyncCopyFromCPU(Pointer array, Pointer data, long elements);

    int MXNDArraySyncCopyToCPU(Pointer array, Pointer data, long elements);

    int MXNDArraySyncCopyFromNDArray(Pointer target, Pointer source, int part);

    int MXNDArrayGetShapeEx(Pointer array, IntByReference rank, PointerByReference shape);

    int MXNDArrayGetDType(Pointer array, IntByReference type);

    int MXNDArrayGetStorageType(Pointer array, IntByReference storage);

    int MXNDArrayGetContext(Pointer array, IntByReference deviceType, IntByReference device);

    int MXNDArrayGetDataNDArray(Pointer array, PointerByReference out);

    int MXNDArrayGetAuxNDArray(Pointer array, int index, PointerByReference out);

    int MXNDArrayWaitAll();

    int MXRandomSeed(int seed);

    int NNGetOpHandle(String name, PointerByReference out);

    int NNListAllOpNames(IntByReference count, PointerByReference names);

    int MXSymbolGetAtomicSymbolInfo(
            Pointer operator,
            PointerByReference name,
            PointerByReference description,
            IntByReference argumentCount,
            PointerByReference argumentNames,
            PointerByReference argumentTypes,
            PointerByReference argumentDescriptions,
            PointerByReference variableCount,
            PointerByReference returnType);

    int MXImperativeInvokeEx(
            Pointer operator,
            int inputCount,
            Pointer[] inputs,
            IntByReference outputCount,
            PointerByReference outputs,
            int parameterCount,
            String[] parameterNames,
            String[] parameterValues,
            PointerByReference outputStorages);

    int MXKVStoreCreate(String type, PointerByReference out);

    int MXKVStoreFree(Pointer store);

    int MXKVStoreGetType(Pointer store, PointerByReference type);

    int MXKVStoreSetGradientCompression(Pointer store, int count, String[] names, String[] values);

    int MXKVStoreInit(Pointer store, int count, int[] keys, Pointer[] values);

    int MXKVStoreInitEx(Pointer store, int count, String[] keys, Pointer[] values);

    int MXKVStorePush(Pointer store, int count, int[] keys, Pointer[] values, int priority);

    int MXKVStorePushEx(Pointer store, int count, String[] keys, Pointer[] values, int priority);

    int MXKVStorePullWithSparse(
            Pointer store, int count, int[] keys, Pointer[] values, int priority, byte ignoreSparse);

    int MXKVStorePullWithSparseEx(
            Pointer store, int count, String[] keys, Pointer[] values, int priority, byte ignoreSparse);

    int MXKVStorePullRowSparse(Pointer store, int count, int[] keys, Pointer[] values, Pointer[] rowIds, int priority);

    int MXKVStorePullRowSparseEx(
            Pointer store, int count, String[] keys, Pointer[] values, Pointer[] rowIds, int priority);

    int MXKVStorePushPull(
            Pointer store,
            int pushCount,
            int[] pushKeys,
            int pullCount,
            int[] pullKeys,
            Pointer[] values,
            Pointer[] outs,
            int priority);

    int MXKVStorePushPullEx(
            Pointer store,
            int pushCount,
            String[] pushKeys,
            int pullCount,
            String[] pullKeys,
            Pointer[] values,
            Pointer[] outs,
            int priority);

    int MXKVStoreBroadcast(
            Pointer store,
            int valueCount,
            int[] valueKeys,
            int outCount,
            int[] outKeys,
            Pointer[] values,
            Pointer[] outs,
            int priority);

    int MXKVStoreBroadcastEx(
            Pointer store,
            int valueCount,
            String[] valueKeys,
            int outCount,
            String[] outKeys,
            Pointer[] values,
            Pointer[] outs,
            int priority);

    int MXKVStoreSetUpdaterEx(Pointer store, IntUpdater updater, StringUpdater stringUpdater, Pointer context);

    int MXKVStoreGetRank(Pointer store, IntByReference rank);

    int MXKVStoreBarrier(Pointer store);

    int MXKVStoreSendCommmandToServers(Pointer store, int head, String body);

    int MXKVStoreRunServer(Pointer store, Controller controller, Pointer context);
}
