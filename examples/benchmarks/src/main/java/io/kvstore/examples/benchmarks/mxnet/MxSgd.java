package io.kvstore.examples.benchmarks.mxnet;

import static io.kvstore.examples.benchmarks.mxnet.MxLibrary.api;
import static io.kvstore.examples.benchmarks.mxnet.MxLibrary.check;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import java.util.ArrayList;
import java.util.List;

/**
 * An updater that runs MXNet's operator {@code sgd_update}, as MXNet's Python does: the operator works in the background.
 * All that its call needs is laid out once, so that what Java adds is a small part of the call.
 *
 * <p>MXNet calls it on the pushing thread of a local store, and on the serving thread of a server: one at a time.
 */
final class MxSgd implements MxApi.IntUpdater {
    private static final int WEIGHT = 0;
    private static final int GRADIENT = Native.POINTER_SIZE;

    private final List<Memory> texts = new ArrayList<>();
    private final long operator;
    private final Memory names;
    private final Memory values;
    private final Memory inputs = new Memory(2L * Native.POINTER_SIZE);
    private final Memory output = new Memory(Native.POINTER_SIZE);
    private final Memory outputs = new Memory(Native.POINTER_SIZE);
    private final Memory outputCount = new Memory(Integer.BYTES);
    private final Memory outputStorages = new Memory(Native.POINTER_SIZE);

    MxSgd(double learningRate) {
        PointerByReference found = new PointerByReference();
        check(api().NNGetOpHandle("sgd_update", found));
        operator = Pointer.nativeValue(found.getValue());
        names = texts("lr", "wd");
        values = texts(MxOps.text(learningRate), "0");
    }

    private Memory texts(String... strings) {
        Memory table = new Memory((long) Native.POINTER_SIZE * strings.length);
        for (int i = 0; i < strings.length; i++) {
            Memory text = new Memory(strings[i].length() + 1L);
            text.setString(0, strings[i], "US-ASCII");
            texts.add(text);
            table.setPointer((long) Native.POINTER_SIZE * i, text);
        }
        return table;
    }

    @Override
    public void invoke(int key, Pointer received, Pointer stored, Pointer context) {
        inputs.setPointer(WEIGHT, stored);
        inputs.setPointer(GRADIENT, received);
        output.setPointer(0, stored);
        outputs.setPointer(0, output);
        outputCount.setInt(0, 1);
        int result = MxCalls.MXImperativeInvokeEx(
                operator,
                2,
                address(inputs),
                address(outputCount),
                address(outputs),
                2,
                address(names),
                address(values),
                address(outputStorages));
        if (result != 0) {
            // An exception must not unwind through MXNet's frames; without this update the check of the values fails.
            System.err.println("sgd_update failed: key=" + key + ", " + api().MXGetLastError());
        }
        MxCalls.MXNDArrayFree(Pointer.nativeValue(received));
        MxCalls.MXNDArrayFree(Pointer.nativeValue(stored));
    }

    private static long address(Memory memory) {
        return Pointer.nativeValue(memory);
    }
}
