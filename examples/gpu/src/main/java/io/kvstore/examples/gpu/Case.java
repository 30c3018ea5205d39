package io.kvstore.examples.gpu;

import io.kvstore.cuda.CudaDriver;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * One promise of a device store.
 *
 * @param name begins with the id that the conformance tests use for it
 */
record Case(String name, Body body) {

    /** Throws unless the store, which nobody has used, keeps the promise. */
    interface Body {
        void run(Store store) throws Exception;
    }

    /** All cases, sorted by group of files and name. */
    static List<Case> all() {
        return Stream.of(DenseCases.class, RowCases.class, StateCases.class, CompressedCases.class)
                .flatMap(Case::in)
                .toList();
    }

    /** Those of a class: its methods that take a store, and are not its own helpers. */
    private static Stream<Case> in(Class<?> cases) {
        return Arrays.stream(cases.getDeclaredMethods())
                .filter(method -> !Modifier.isPrivate(method.getModifiers()))
                .filter(method -> Arrays.equals(method.getParameterTypes(), new Class<?>[] {Store.class}))
                .sorted(Comparator.comparing(Method::getName))
                .map(method -> new Case(method.getName(), store -> invoke(method, store)));
    }

    private static void invoke(Method method, Store store) throws Exception {
        try {
            method.invoke(null, store);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e;
        }
    }

    /** Runs it on a new store. @param driver of the GPUs in the group */
    void runOn(DeviceGroup group, CudaDriver driver) throws Exception {
        try (Store store = Store.on(group, driver)) {
            body.run(store);
        }
    }
}
