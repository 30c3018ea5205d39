package io.kvstore.robust;

import static io.kvstore.robust.Support.filled;
import static io.kvstore.robust.Support.refused;
import static io.kvstore.robust.Support.version;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.KVStore;
import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.RowSparse;
import java.util.Arrays;
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

/** Bad row-sparse arguments: each is refused with its reason and a full message, and the store is as it was and goes on. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RowSparseErrorsTest {
    private static final RowSparse GOOD = rows(4, 3);
    private static final long[] IDS = {1, 3};

    /** A call, why it must be refused, and what the message must say. */
    private record Case(Reason reason, Consumer<KVStore> call, String... said) {}

    private final Map<String, KVStore> stores = new HashMap<>();

    /** Ones in row 1. */
    private static RowSparse rows(long... shape) {
        return RowSparse.of(shape, new long[] {1}, Nd4j.ones(DataType.FLOAT, 1, shape[1]));
    }

    @BeforeAll
    void openStores() {
        for (String type : List.of("local", "device")) {
            KVStore kv = KVStore.builder().type(type).devices(2).build();
            kv.init(List.of("rows", "dense"), List.of(rows(4, 3), filled(4, 4, 3)));
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
        INDArray before = kv.pull("rows");
        INDArray denseBefore = kv.pull("dense");
        long version = version(kv, "rows");
        List<Key> keys = kv.keys();
        long live = kv.stats().liveBytes();

        KVStoreException refusal = refused(bad.reason, () -> bad.call.accept(kv));
        assertThat(refusal).hasMessageContainingAll(bad.said);

        assertThat(kv.pull("rows")).isEqualTo(before);
        assertThat(kv.pull("dense")).isEqualTo(denseBefore);
        assertThat(version(kv, "rows")).isEqualTo(version);
        assertThat(kv.keys()).isEqualTo(keys);
        assertThat(kv.stats().liveBytes()).isEqualTo(live);
        assertThat(kv.stats().inFlightBytes()).isZero();
        kv.push("rows", GOOD);
        assertThat(kv.pull("rows")).isEqualTo(before.add(GOOD.toDense()));
        assertThat(version(kv, "rows")).isEqualTo(version + 1);
        assertThat(GOOD).as("an argument of the call").isEqualTo(rows(4, 3));
        assertThat(IDS).as("an argument of the call").containsExactly(1, 3);
    }

    private static Map<String, Case> all() {
        Map<String, Case> all = new LinkedHashMap<>();
        pullCases(all);
        idCases(all);
        valueCases(all);
        return all;
    }

    private static void pullCases(Map<String, Case> all) {
        all.put(
                "rows of an unknown key",
                new Case(
                        Reason.NOT_INITIALIZED,
                        kv -> kv.rowSparsePull("x", IDS),
                        "key 'x': rowSparsePull",
                        "init it first"));
        all.put(
                "rows of a known and an unknown key",
                new Case(
                        Reason.NOT_INITIALIZED,
                        kv -> kv.rowSparsePull(List.of("rows", "x"), List.of(IDS, IDS)),
                        "key 'x'"));
        all.put(
                "rows of a dense key",
                new Case(
                        Reason.STORAGE_MISMATCH,
                        kv -> kv.rowSparsePull("dense", IDS),
                        "key 'dense': rowSparsePull, rowIds[0],",
                        "initialised with a RowSparse, given a dense one; use pull"));
        all.put(
                "no ids of a dense key",
                new Case(Reason.STORAGE_MISMATCH, kv -> kv.rowSparsePull("dense", new long[0]), "given a dense one"));
        all.put(
                "a RowSparse as output that may not be passed over",
                new Case(
                        Reason.STORAGE_MISMATCH,
                        kv -> kv.pull(List.of("rows"), List.of(List.of(filled(0, 4, 3), GOOD)), 0, false),
                        "key 'rows': pull: outs[0][1] is a RowSparse",
                        "immutable",
                        "rowSparsePull"));
        all.put(
                "an integer key in a store of string keys",
                new Case(
                        Reason.MIXED_KEY_KINDS,
                        kv -> kv.rowSparsePull(3, IDS),
                        "key 3: rowSparsePull",
                        "holds string keys"));
        all.put(
                "a null key",
                new Case(
                        Reason.INVALID_ARGUMENT,
                        kv -> kv.rowSparsePull((Key) null, IDS),
                        "rowSparsePull: keys[0]",
                        "null"));
        all.put(
                "null keys",
                new Case(
                        Reason.INVALID_ARGUMENT,
                        kv -> kv.rowSparsePull((List<?>) null, List.of(IDS)),
                        "rowSparsePull: keys must not be null"));
    }

    private static void idCases(Map<String, Case> all) {
        INDArray closed = Nd4j.createFromArray(1, 2);
        closed.close();
        for (long outside : new long[] {-1, 4, Long.MAX_VALUE}) {
            all.put(
                    "id " + outside,
                    new Case(
                            Reason.OUT_OF_RANGE,
                            kv -> kv.rowSparsePull("rows", new long[] {3, 1, outside}),
                            "key 'rows': rowSparsePull, rowIds[0], expects row ids in [0, 4), given " + outside
                                    + " at position 2"));
        }
        all.put(
                "an id out of range in the second array",
                new Case(
                        Reason.OUT_OF_RANGE,
                        kv -> kv.rowSparsePull("rows", List.of(IDS, Nd4j.createFromArray(1, 7))),
                        "rowIds[0][1]",
                        "given 7 at position 1"));
        all.put(
                "floating ids",
                new Case(
                        Reason.INVALID_ARGUMENT,
                        kv -> kv.rowSparsePull("rows", Nd4j.createFromArray(1f, 2f)),
                        "key 'rows': rowSparsePull, rowIds[0]",
                        "an INDArray of an integer type, given an INDArray of type FLOAT"));
        all.put(
                "boolean ids",
                new Case(
                        Reason.INVALID_ARGUMENT,
                        kv -> kv.rowSparsePull("rows", Nd4j.createFromArray(true, false)),
                        "given an INDArray of type BOOL"));
        all.put(
                "closed ids",
                new Case(
                        Reason.ARRAY_CLOSED,
                        kv -> kv.rowSparsePull("rows", closed),
                        "key 'rows': rowSparsePull, rowIds[0]",
                        "was closed"));
        all.put(
                "null ids",
                new Case(
                        Reason.INVALID_ARGUMENT,
                        kv -> kv.rowSparsePull("rows", (long[]) null),
                        "key 'rows': rowSparsePull, rowIds[0]: row ids must be a long[]",
                        "given null"));
        all.put(
                "ids of another Java type",
                new Case(
                        Reason.INVALID_ARGUMENT,
                        kv -> kv.rowSparsePull(List.of("rows"), List.of("1")),
                        "given java.lang.String"));
        all.put(
                "null lists of ids",
                new Case(
                        Reason.INVALID_ARGUMENT,
                        kv -> kv.rowSparsePull(List.of("rows"), null),
                        "rowSparsePull: rowIds must not be null"));
        all.put(
                "no id arrays",
                new Case(
                        Reason.INVALID_ARGUMENT,
                        kv -> kv.rowSparsePull("rows", List.of()),
                        "key 'rows': rowSparsePull expects at least one array in rowIds[0], given none"));
        all.put(
                "fewer id arrays than keys",
                new Case(
                        Reason.INVALID_ARGUMENT,
                        kv -> kv.rowSparsePull(List.of("rows", "rows", "rows"), List.of(IDS, IDS)),
                        "as many rowIds as keys, or one for all, given 3 keys and 2 rowIds"));
    }

    private static void valueCases(Map<String, Case> all) {
        RowSparse wide = rows(4, 4);
        RowSparse doubles = RowSparse.zeros(DataType.DOUBLE, 4, 3);
        all.put(
                "rows of another length",
                new Case(
                        Reason.SHAPE_MISMATCH,
                        kv -> kv.push("rows", wide),
                        "key 'rows': push expects shape (4, 3), given (4, 4)"));
        all.put(
                "rows of another shape for a dense key",
                new Case(Reason.SHAPE_MISMATCH, kv -> kv.push("dense", wide), "key 'dense': push expects shape"));
        all.put(
                "rows of another type",
                new Case(
                        Reason.DTYPE_MISMATCH,
                        kv -> kv.push("rows", doubles),
                        "key 'rows': push expects type float32, given float64"));
        all.put(
                "one of several devices of another shape",
                new Case(
                        Reason.SHAPE_MISMATCH,
                        kv -> kv.push("rows", Arrays.asList(filled(1, 4, 3), GOOD, wide)),
                        "array 2 of 3"));
        all.put(
                "a bad second key",
                new Case(
                        Reason.SHAPE_MISMATCH,
                        kv -> kv.push(List.of("rows", "dense"), List.of(GOOD, wide)),
                        "key 'dense'"));
        all.put(
                "pushPull of another shape",
                new Case(
                        Reason.SHAPE_MISMATCH,
                        kv -> kv.pushPull("rows", wide, filled(0, 4, 3)),
                        "key 'rows': pushPull"));
        all.put(
                "pushPull into an output of another shape",
                new Case(
                        Reason.SHAPE_MISMATCH,
                        kv -> kv.pushPull("rows", GOOD, filled(0, 4, 4)),
                        "key 'rows': pushPull expects an output of shape (4, 3)"));
        all.put(
                "init of a key that exists",
                new Case(Reason.ALREADY_INITIALIZED, kv -> kv.init("rows", GOOD), "key 'rows': init", "(4, 3)"));
        all.put(
                "a null RowSparse, push",
                new Case(
                        Reason.INVALID_ARGUMENT,
                        kv -> kv.push("rows", (RowSparse) null),
                        "key 'rows': push: values[0] must be an INDArray or a RowSparse, given null"));
        all.put(
                "a null RowSparse, init",
                new Case(
                        Reason.INVALID_ARGUMENT,
                        kv -> kv.init("new", (RowSparse) null),
                        "key 'new': init: values[0] must be an INDArray or a RowSparse, given null"));
        all.put(
                "broadcast to an output of another shape",
                new Case(
                        Reason.SHAPE_MISMATCH,
                        kv -> kv.broadcast("new", GOOD, filled(0, 4, 4)),
                        "key 'new': broadcast expects an output of shape (4, 3)"));
    }
}
