package io.kvstore.robust;

import static io.kvstore.robust.Support.assertAll;
import static io.kvstore.robust.Support.filled;
import static io.kvstore.robust.Support.refused;
import static io.kvstore.robust.Support.version;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.KVStore;
import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Bad arguments: each is refused with its reason and a full message, and the store is as it was and goes on. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ErrorsTest {
    private static final INDArray GOOD = filled(1, 2, 3);
    private static final INDArray OVERLAPPING =
            Nd4j.create(Nd4j.createBuffer(new float[3]), new long[] {2, 3}, new long[] {0, 1}, 0, 'c');

    /** A call, why it must be refused, and what the message must say. */
    private record Case(Reason reason, Consumer<KVStore> call, String... said) {}

    private final Map<String, KVStore> stores = new HashMap<>();

    @BeforeAll
    void openStores() {
        for (String type : List.of("local", "device")) {
            KVStore kv = KVStore.builder().type(type).devices(2).build();
            kv.init(List.of("w", "v"), List.of(filled(2, 2, 3), filled(4, 2, 3)));
            kv.setUpdater((key, received, stored) -> stored.addi(received));
            stores.put(type, kv);
        }
    }

    @AfterAll
    void closeStores() {
        stores.values().forEach(KVStore::close);
    }

    static Stream<Arguments> cases() {
        return all().entrySet().stream()
                .flatMap(each ->
                        Stream.of("local", "device").map(type -> Arguments.of(type, each.getKey(), each.getValue())));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("cases")
    void badArgumentsAreRefusedAndChangeNothing(String type, String name, Case bad) {
        KVStore kv = stores.get(type);
        INDArray before = kv.pull("w");
        long version = version(kv, "w");
        long versionOfOther = version(kv, "v");
        List<Key> keys = kv.keys();
        long live = kv.stats().liveBytes();

        KVStoreException refusal = refused(bad.reason, () -> bad.call.accept(kv));
        assertThat(refusal).hasMessageContainingAll(bad.said);

        assertThat(kv.pull("w")).isEqualTo(before);
        assertThat(version(kv, "w")).isEqualTo(version);
        assertThat(version(kv, "v")).isEqualTo(versionOfOther);
        assertThat(kv.keys()).isEqualTo(keys);
        assertThat(kv.stats().liveBytes()).isEqualTo(live);
        assertThat(kv.stats().inFlightBytes()).isZero();
        kv.push("w", GOOD);
        assertAll(kv, "w", before.getFloat(0) + 1);
        assertThat(version(kv, "w")).isEqualTo(version + 1);
        assertThat(GOOD).as("an argument of the call").isEqualTo(filled(1, 2, 3));
    }

    private static Map<String, Case> all() {
        Map<String, Case> all = new LinkedHashMap<>();
        keyCases(all);
        arrayCases(all);
        listCases(all);
        outputCases(all);
        return all;
    }

    private static void keyCases(Map<String, Case> all) {
        all.put(
                "push of an unknown key",
                new Case(Reason.NOT_INITIALIZED, kv -> kv.push("x", GOOD), "key 'x': push", "init it first"));
        all.put(
                "pull of an unknown key",
                new Case(Reason.NOT_INITIALIZED, kv -> kv.pull("x"), "key 'x': pull", "init it first"));
        all.put(
                "pull of an unknown key into an output",
                new Case(Reason.NOT_INITIALIZED, kv -> kv.pull("x", filled(0, 2, 3)), "key 'x': pull"));
        all.put(
                "pushPull of an unknown key",
                new Case(Reason.NOT_INITIALIZED, kv -> kv.pushPull("x", filled(0, 2, 3)), "key 'x': pushPull"));
        all.put("delete of an unknown key", new Case(Reason.NOT_INITIALIZED, kv -> kv.delete("x"), "key 'x': delete"));
        all.put(
                "push of a known and an unknown key",
                new Case(Reason.NOT_INITIALIZED, kv -> kv.push(List.of("w", "x"), List.of(GOOD, GOOD)), "key 'x'"));
        all.put(
                "init of a key that exists",
                new Case(
                        Reason.ALREADY_INITIALIZED,
                        kv -> kv.init("w", GOOD),
                        "key 'w': init",
                        "(2, 3)",
                        "float32",
                        "delete it first"));
        all.put(
                "init of a new key and one that exists",
                new Case(
                        Reason.ALREADY_INITIALIZED,
                        kv -> kv.init(List.of("new", "w"), List.of(GOOD, GOOD)),
                        "key 'w'"));
        all.put(
                "init with a key twice",
                new Case(
                        Reason.ALREADY_INITIALIZED,
                        kv -> kv.init(List.of("n", "n"), List.of(GOOD, GOOD)),
                        "key 'n': init is given the key twice"));
        all.put(
                "broadcast of a key that exists",
                new Case(
                        Reason.ALREADY_INITIALIZED,
                        kv -> kv.broadcast(List.of("w"), List.of(GOOD), List.of(filled(0, 2, 3)), 0),
                        "key 'w': broadcast"));
        all.put(
                "mixed key kinds in a call",
                new Case(
                        Reason.MIXED_KEY_KINDS,
                        kv -> kv.push(List.of("w", 3), List.of(GOOD, GOOD)),
                        "push: keys[0] is the string 'w' and keys[1] is the integer 3",
                        "keys of one kind"));
        all.put(
                "an integer key in a store of string keys, init",
                new Case(
                        Reason.MIXED_KEY_KINDS,
                        kv -> kv.init(3, GOOD),
                        "key 3: init",
                        "holds string keys",
                        "the integer 3"));
        all.put(
                "an integer key in a store of string keys, pull",
                new Case(Reason.MIXED_KEY_KINDS, kv -> kv.pull(3), "key 3: pull", "holds string keys"));
        all.put(
                "a null key",
                new Case(Reason.INVALID_ARGUMENT, kv -> kv.push((String) null, GOOD), "key's name must not be null"));
        all.put("a null Key", new Case(Reason.INVALID_ARGUMENT, kv -> kv.pull((Key) null), "keys[0]", "given null"));
        all.put(
                "an empty key",
                new Case(Reason.INVALID_ARGUMENT, kv -> kv.init("", GOOD), "key's name must not be empty"));
        all.put(
                "a key with a name too long",
                new Case(
                        Reason.INVALID_ARGUMENT,
                        kv -> kv.init("k".repeat(Key.MAX_NAME_LENGTH + 1), GOOD),
                        "a key's name has at most 4096 characters, given 4097: kkkk"));
        all.put(
                "null keys",
                new Case(
                        Reason.INVALID_ARGUMENT,
                        kv -> kv.push((List<?>) null, List.of(GOOD)),
                        "push: keys must not be null"));
        all.put(
                "a null map",
                new Case(Reason.INVALID_ARGUMENT, kv -> kv.push((Map<String, ?>) null), "push: keys must not be null"));
        all.put(
                "a null in the keys",
                new Case(
                        Reason.INVALID_ARGUMENT,
                        kv -> kv.push(Arrays.asList("w", null), List.of(GOOD, GOOD)),
                        "keys[1] must be an int, a String or a Key",
                        "given null"));
        all.put(
                "a foreign object as key",
                new Case(Reason.INVALID_ARGUMENT, kv -> kv.pull(List.of(1.5)), "keys[0]", "java.lang.Double"));
        all.put(
                "delete of null",
                new Case(Reason.INVALID_ARGUMENT, kv -> kv.delete((Key) null), "delete: the key must not be null"));
        all.put(
                "info of null",
                new Case(Reason.INVALID_ARGUMENT, kv -> kv.info((Key) null), "info: the key must not be null"));
        all.put(
                "ref of null",
                new Case(Reason.INVALID_ARGUMENT, kv -> kv.ref((Key) null), "ref: the key must not be null"));
    }

    private static void arrayCases(Map<String, Case> all) {
        INDArray closed = filled(1, 2, 3);
        closed.close();
        INDArray bool = Nd4j.create(DataType.BOOL, 2, 3);
        INDArray text = Nd4j.create(List.of("a", "b"));
        all.put(
                "another shape, one array",
                new Case(
                        Reason.SHAPE_MISMATCH,
                        kv -> kv.push("w", filled(1, 3, 2)),
                        "key 'w': push expects shape (2, 3), given (3, 2)"));
        all.put(
                "another rank, one array",
                new Case(Reason.SHAPE_MISMATCH, kv -> kv.push("w", filled(1, 6)), "expects shape (2, 3), given (6,)"));
        all.put(
                "a scalar for a matrix",
                new Case(Reason.SHAPE_MISMATCH, kv -> kv.push("w", Nd4j.scalar(1f)), "expects shape (2, 3), given ()"));
        all.put(
                "another shape in a list",
                new Case(
                        Reason.SHAPE_MISMATCH,
                        kv -> kv.push("w", List.of(GOOD, filled(1, 6))),
                        "key 'w'",
                        "array 1 of 2",
                        "(2, 3)",
                        "(6,)"));
        all.put(
                "another shape for the second key",
                new Case(
                        Reason.SHAPE_MISMATCH,
                        kv -> kv.push(List.of("w", "v"), List.of(GOOD, filled(1, 4))),
                        "key 'v'",
                        "(4,)"));
        all.put(
                "another type, one array",
                new Case(
                        Reason.DTYPE_MISMATCH,
                        kv -> kv.push("w", GOOD.castTo(DataType.DOUBLE)),
                        "key 'w': push expects type float32, given float64"));
        all.put(
                "another type in a list",
                new Case(
                        Reason.DTYPE_MISMATCH,
                        kv -> kv.push("w", List.of(GOOD, Nd4j.createFromArray(new int[2][3]))),
                        "array 1 of 2",
                        "float32",
                        "int32"));
        all.put(
                "another type, pushPull",
                new Case(
                        Reason.DTYPE_MISMATCH,
                        kv -> kv.pushPull("w", GOOD.castTo(DataType.DOUBLE), filled(0, 2, 3)),
                        "key 'w': pushPull expects type float32"));
        all.put(
                "a closed array",
                new Case(Reason.ARRAY_CLOSED, kv -> kv.push("w", closed), "key 'w': push, values[0]", "was closed"));
        all.put(
                "a closed array in a list",
                new Case(Reason.ARRAY_CLOSED, kv -> kv.push("w", List.of(GOOD, closed)), "values[0][1]"));
        all.put(
                "a closed array, init",
                new Case(Reason.ARRAY_CLOSED, kv -> kv.init("new", closed), "key 'new': init, values[0]"));
        all.put("a closed output", new Case(Reason.ARRAY_CLOSED, kv -> kv.pull("w", closed), "key 'w': pull, outs[0]"));
        all.put(
                "booleans, init",
                new Case(Reason.UNSUPPORTED_DTYPE, kv -> kv.init("new", bool), "key 'new'", "BOOL", "castTo"));
        all.put("booleans, push", new Case(Reason.UNSUPPORTED_DTYPE, kv -> kv.push("w", bool), "key 'w'", "BOOL"));
        all.put(
                "booleans, output",
                new Case(Reason.UNSUPPORTED_DTYPE, kv -> kv.pull("w", bool), "key 'w': pull, outs[0]", "BOOL"));
        all.put("text, init", new Case(Reason.UNSUPPORTED_DTYPE, kv -> kv.init("new", text), "key 'new'", "UTF8"));
        all.put("text, push", new Case(Reason.UNSUPPORTED_DTYPE, kv -> kv.push("w", text), "key 'w'", "UTF8"));
        all.put(
                "a null array",
                new Case(
                        Reason.INVALID_ARGUMENT,
                        kv -> kv.push("w", (INDArray) null),
                        "key 'w': push: values[0] must be an INDArray or a RowSparse, given null"));
        all.put(
                "a null array, init",
                new Case(
                        Reason.INVALID_ARGUMENT,
                        kv -> kv.init("new", (INDArray) null),
                        "key 'new': init: values[0] must be an INDArray or a RowSparse, given null"));
    }

    private static void listCases(Map<String, Case> all) {
        all.put(
                "null values",
                new Case(Reason.INVALID_ARGUMENT, kv -> kv.push(List.of("w"), null), "push: values must not be null"));
        all.put(
                "null values, init",
                new Case(
                        Reason.INVALID_ARGUMENT, kv -> kv.init(List.of("new"), null), "init: values must not be null"));
        all.put(
                "fewer values than keys",
                new Case(
                        Reason.INVALID_ARGUMENT,
                        kv -> kv.push(List.of("w", "v"), List.of(GOOD)),
                        "push expects as many values as keys, given 2 keys and 1 values"));
        all.put(
                "more values than keys",
                new Case(
                        Reason.INVALID_ARGUMENT,
                        kv -> kv.push(List.of("w"), List.of(GOOD, GOOD)),
                        "given 1 keys and 2 values"));
        all.put(
                "fewer values than keys, init",
                new Case(
                        Reason.INVALID_ARGUMENT,
                        kv -> kv.init(List.of("a", "b"), List.of(GOOD)),
                        "given 2 keys and 1 values"));
        all.put(
                "more outputs than keys",
                new Case(
                        Reason.INVALID_ARGUMENT,
                        kv -> kv.pull(List.of("w"), List.of(filled(0, 2, 3), filled(0, 2, 3))),
                        "as many outs as keys",
                        "given 1 keys and 2 outs"));
        all.put(
                "an empty device list",
                new Case(
                        Reason.INVALID_ARGUMENT,
                        kv -> kv.push("w", List.of()),
                        "key 'w': push expects at least one array in values[0], given none"));
        all.put(
                "an empty list of outputs",
                new Case(Reason.INVALID_ARGUMENT, kv -> kv.pull("w", List.of()), "key 'w'", "outs[0]", "given none"));
        all.put(
                "a null device list",
                new Case(Reason.INVALID_ARGUMENT, kv -> kv.push("w", (List<?>) null), "values[0]", "given null"));
        all.put(
                "a null in a device list",
                new Case(
                        Reason.INVALID_ARGUMENT,
                        kv -> kv.push("w", Arrays.asList(GOOD, null)),
                        "values[0][1] must be an INDArray or a RowSparse, given null"));
        all.put(
                "a null in the values",
                new Case(
                        Reason.INVALID_ARGUMENT,
                        kv -> kv.push(List.of("w", "v"), Arrays.asList(GOOD, null)),
                        "key 'v'",
                        "values[1]",
                        "given null"));
        all.put(
                "a foreign object in the values",
                new Case(
                        Reason.INVALID_ARGUMENT,
                        kv -> kv.push(List.of("w"), List.of("gradient")),
                        "values[0] must be an INDArray or a RowSparse, given java.lang.String"));
        all.put(
                "a foreign object in a device list",
                new Case(
                        Reason.INVALID_ARGUMENT,
                        kv -> kv.push("w", List.of(GOOD, 1f)),
                        "values[0][1]",
                        "java.lang.Float"));
        all.put(
                "a Java array for an array",
                new Case(
                        Reason.INVALID_ARGUMENT,
                        kv -> kv.push(List.of("w"), List.of(new float[6])),
                        "values[0]",
                        "[F"));
        all.put(
                "a list in a device list",
                new Case(
                        Reason.INVALID_ARGUMENT,
                        kv -> kv.push("w", List.of(List.of(GOOD))),
                        "values[0][0] must be an INDArray or a RowSparse"));
        all.put(
                "a device list, init",
                new Case(
                        Reason.INVALID_ARGUMENT,
                        kv -> kv.init(List.of("new"), List.of(List.of(GOOD))),
                        "key 'new'",
                        "values[0] must be an INDArray or a RowSparse"));
        all.put(
                "a map with a null value",
                new Case(
                        Reason.INVALID_ARGUMENT,
                        kv -> kv.push(Collections.singletonMap("w", null)),
                        "key 'w'",
                        "values[0]",
                        "given null"));
    }

    private static void outputCases(Map<String, Case> all) {
        all.put(
                "an output of another shape",
                new Case(
                        Reason.SHAPE_MISMATCH,
                        kv -> kv.pull("w", filled(0, 3, 2)),
                        "key 'w': pull expects an output of shape (2, 3), given (3, 2) in outs[0]"));
        all.put(
                "one of several outputs of another shape",
                new Case(
                        Reason.SHAPE_MISMATCH,
                        kv -> kv.pull("w", List.of(filled(0, 2, 3), filled(0, 6))),
                        "(6,) in outs[0][1]"));
        all.put(
                "an overlapping output",
                new Case(
                        Reason.OVERLAPPING_OUTPUT,
                        kv -> kv.pull("w", OVERLAPPING),
                        "key 'w': pull, outs[0]",
                        "(2, 3)",
                        "dup()"));
        all.put(
                "an overlapping array, pushPull in place",
                new Case(Reason.OVERLAPPING_OUTPUT, kv -> kv.pushPull("w", OVERLAPPING), "key 'w': pushPull"));
        all.put(
                "null outputs",
                new Case(Reason.INVALID_ARGUMENT, kv -> kv.pull(List.of("w"), null), "pull: outs must not be null"));
        all.put(
                "a null output",
                new Case(
                        Reason.INVALID_ARGUMENT,
                        kv -> kv.pull("w", (INDArray) null),
                        "key 'w': pull: outs[0] must be an INDArray or a RowSparse, given null"));
        all.put(
                "a foreign object as output",
                new Case(
                        Reason.INVALID_ARGUMENT,
                        kv -> kv.pull(List.of("w"), List.of("out")),
                        "outs[0]",
                        "java.lang.String"));
        all.put(
                "broadcast to an output of another shape",
                new Case(
                        Reason.SHAPE_MISMATCH,
                        kv -> kv.broadcast(List.of("new"), List.of(GOOD), List.of(filled(0, 6)), 0),
                        "key 'new': broadcast",
                        "(6,)"));
        all.put(
                "an unknown capability",
                new Case(
                        Reason.INVALID_ARGUMENT,
                        kv -> kv.isCapable("flying"),
                        "unknown capability 'flying'",
                        "optimizer"));
        all.put(
                "a null optimizer",
                new Case(
                        Reason.INVALID_ARGUMENT,
                        kv -> kv.setOptimizer(null),
                        "setOptimizer: the optimizer must not be null"));
        all.put(
                "a null change",
                new Case(
                        Reason.INVALID_ARGUMENT,
                        kv -> kv.adjustOptimizer(null),
                        "adjustOptimizer: the change must not be null"));
        all.put(
                "adjustOptimizer without one",
                new Case(
                        Reason.INVALID_ARGUMENT,
                        kv -> kv.setLearningRate(0.1),
                        "no optimizer is set; call setOptimizer first"));
    }
}
