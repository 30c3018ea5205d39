package io.kvstore.examples.benchmarks.mxnet;

import static io.kvstore.examples.benchmarks.mxnet.MxLibrary.api;
import static io.kvstore.examples.benchmarks.mxnet.MxLibrary.check;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import java.lang.ref.Reference;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** MXNet's operators by name, such as {@code sgd_mom_update}. */
public final class MxOps {
    private static final MathContext DIGITS = new MathContext(17);

    private MxOps() {}

    /**
     * Runs an operator that writes into {@code outputs}, which may be among the inputs.
     *
     * @param params values as MXNet reads them from text: numbers, {@code True}, {@code (2,3)}
     */
    public static void invoke(String operator, List<MxArray> inputs, List<MxArray> outputs, Map<String, ?> params) {
        Memory handles = new Memory((long) Native.POINTER_SIZE * outputs.size());
        handles.write(0, MxArray.handles(outputs), 0, outputs.size());
        try {
            run(operator, inputs, new IntByReference(outputs.size()), new PointerByReference(handles), params);
        } finally {
            Reference.reachabilityFence(handles); // MXNet reads it through a pointer that the collector cannot see
        }
    }

    /** Runs an operator and returns its results: new arrays, which the caller closes. */
    public static List<MxArray> invoke(String operator, List<MxArray> inputs, Map<String, ?> params) {
        IntByReference count = new IntByReference();
        PointerByReference handles = new PointerByReference();
        run(operator, inputs, count, handles, params);
        return Arrays.stream(handles.getValue().getPointerArray(0, count.getValue()))
                .map(MxArray::new)
                .toList();
    }

    private static void run(
            String operator,
            List<MxArray> inputs,
            IntByReference outputCount,
            PointerByReference outputs,
            Map<String, ?> params) {
        String[] names = params.keySet().toArray(String[]::new);
        String[] values =
                Arrays.stream(names).map(name -> text(params.get(name))).toArray(String[]::new);
        check(api().MXImperativeInvokeEx(
                        find(operator),
                        inputs.size(),
                        MxArray.handles(inputs),
                        outputCount,
                        outputs,
                        names.length,
                        names,
                        values,
                        new PointerByReference()));
    }

    /** The names of all operators, sorted. */
    public static List<String> names() {
        IntByReference count = new IntByReference();
        PointerByReference names = new PointerByReference();
        check(api().NNListAllOpNames(count, names));
        return Arrays.stream(names.getValue().getStringArray(0, count.getValue()))
                .sorted()
                .toList();
    }

    /** The arguments of an operator, each as {@code name: type and default}; arrays first. */
    public static List<String> arguments(String operator) {
        IntByReference count = new IntByReference();
        PointerByReference names = new PointerByReference();
        PointerByReference types = new PointerByReference();
        PointerByReference unused = new PointerByReference();
        check(api().MXSymbolGetAtomicSymbolInfo(
                        find(operator), unused, unused, count, names, types, unused, unused, unused));
        if (count.getValue() == 0) {
            return List.of();
        }
        String[] name = names.getValue().getStringArray(0, count.getValue());
        String[] type = types.getValue().getStringArray(0, count.getValue());
        return IntStream.range(0, name.length)
                .mapToObj(i -> name[i] + ": " + type[i])
                .toList();
    }

    /** Makes MXNet's random operators repeatable. */
    public static void seed(int seed) {
        check(api().MXRandomSeed(seed));
    }

    private static Pointer find(String operator) {
        PointerByReference out = new PointerByReference();
        check(api().NNGetOpHandle(operator, out));
        return out.getValue();
    }

    /**
     * A setting as text. Numbers are written without an exponent: MXNet reads many of those with one as the number next to
     * them.
     */
    static String text(Object value) {
        if (value instanceof Boolean flag) {
            return flag ? "True" : "False";
        }
        if (value instanceof Double number && Double.isFinite(number)) {
            return new BigDecimal(number).round(DIGITS).toPlainString();
        }
        return String.valueOf(value);
    }
}
