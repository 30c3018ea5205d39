package io.kvstore.robust;

import static io.kvstore.robust.Support.filled;
import static io.kvstore.robust.Support.refused;
import static io.kvstore.robust.Support.within;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.KVStore;
import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;

/** Files of states that do not fit, are damaged or cannot be written: refused, and the store is as it was. */
class StatesErrorsTest {
    private static final Optimizer MOMENTUM =
            Optimizer.sgd().learningRate(1).momentum(0.5).build();
    private static final Optimizer ADAM = Optimizer.adam().build();

    @TempDir
    private Path directory;

    /** A store that writes the file, why it must not be loaded, and what the message must say. */
    private record Case(Reason reason, Consumer<KVStore> writer, boolean dump, String... said) {}

    static Stream<Arguments> cases() {
        return all().entrySet().stream()
                .flatMap(each ->
                        Stream.of("local", "device").map(type -> Arguments.of(type, each.getKey(), each.getValue())));
    }

    private static Map<String, Case> all() {
        Map<String, Case> all = new LinkedHashMap<>();
        all.put(
                "of another rule",
                new Case(
                        Reason.STATE_MISMATCH,
                        kv -> {
                            kv.setOptimizer(ADAM);
                            kv.init(List.of("v", "w"), List.of(filled(1, 3), filled(1, 2)));
                        },
                        false,
                        "expected states of sgd with 1 state, the optimizer in force",
                        "given those of adam with 2 states"));
        all.put(
                "of the same rule without momentum",
                new Case(
                        Reason.STATE_MISMATCH,
                        kv -> kv.setOptimizer(Optimizer.sgd().build()),
                        false,
                        "given those of sgd with 0 states"));
        all.put(
                "of the same rule with multi_precision",
                new Case(
                        Reason.STATE_MISMATCH,
                        kv -> kv.setOptimizer(
                                MOMENTUM.toBuilder().multiPrecision(true).build()),
                        false,
                        "given those of sgd with 1 state and multi_precision"));
        for (boolean dump : new boolean[] {false, true}) {
            String dumped = dump ? ", with another optimizer" : "";
            Optimizer optimizer = dump ? ADAM : MOMENTUM;
            all.put(
                    "with a key that the store does not have" + dumped,
                    new Case(
                            Reason.NOT_INITIALIZED,
                            kv -> fill(kv, optimizer, List.of("v", "w", "x"), DataType.FLOAT, 3, 2, 4),
                            dump,
                            "key 'x'",
                            "the store does not have the key"));
            all.put(
                    "with a key of another shape" + dumped,
                    new Case(
                            Reason.SHAPE_MISMATCH,
                            kv -> fill(kv, optimizer, List.of("v", "w"), DataType.FLOAT, 3, 4),
                            dump,
                            "key 'w'",
                            "expects shape (2,), given (4,)"));
            all.put(
                    "with a key of another type" + dumped,
                    new Case(
                            Reason.DTYPE_MISMATCH,
                            kv -> fill(kv, optimizer, List.of("v", "w"), DataType.DOUBLE, 3, 2),
                            dump,
                            "key 'v'",
                            "expects type float32, given float64"));
            all.put(
                    "with integer keys" + dumped,
                    new Case(
                            Reason.NOT_INITIALIZED,
                            kv -> fill(kv, optimizer, List.of(1, 2), DataType.FLOAT, 3, 2),
                            dump,
                            "key 1",
                            "the store does not have the key"));
        }
        return all;
    }

    private static void fill(KVStore kv, Optimizer optimizer, List<?> keys, DataType dtype, long... lengths) {
        kv.setOptimizer(optimizer);
        for (int i = 0; i < lengths.length; i++) {
            kv.init(List.of(keys.get(i)), List.of(filled(1, lengths[i]).castTo(dtype)));
            kv.push(List.of(keys.get(i)), List.of(filled(1, lengths[i]).castTo(dtype)));
        }
    }

    @ParameterizedTest(name = "{0}: a file {1}")
    @MethodSource("cases")
    void aFileThatDoesNotFitIsRefused(String type, String name, Case bad) {
        Path file = directory.resolve("file");
        try (KVStore writer = KVStore.create("local")) {
            bad.writer.accept(writer);
            writer.saveOptimizerStates(file, bad.dump);
        }
        KVStoreException refusal = unchangedBy(type, kv -> refused(bad.reason, () -> kv.loadOptimizerStates(file)));
        assertThat(refusal).hasMessageContaining(file.toString()).hasMessageContainingAll(bad.said);
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void aDamagedFileIsRefusedWhereverItIsDamaged(String type) throws IOException {
        Path file = directory.resolve("file");
        byte[] bytes;
        try (KVStore kv = open("local")) {
            kv.saveOptimizerStates(file, false);
            bytes = Files.readAllBytes(file);
        }
        unchangedBy(type, kv -> {
            KVStoreException last = null;
            for (int i = 0; i < bytes.length; i++) {
                byte[] damaged = bytes.clone();
                damaged[i] ^= 1;
                last = refusedFile(kv, file, damaged);
                refusedFile(kv, file, Arrays.copyOf(bytes, i));
            }
            refusedFile(kv, file, Arrays.copyOf(bytes, bytes.length + 1));
            return last;
        });
    }

    private static KVStoreException refusedFile(KVStore kv, Path file, byte[] bytes) {
        try {
            Files.write(file, bytes);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        KVStoreException refusal = refused(Reason.INVALID_FILE, () -> kv.loadOptimizerStates(file));
        assertThat(refusal).hasMessageContaining(file.toString());
        return refusal;
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void aMissingOrForeignFileIsRefused(String type) throws IOException {
        Path missing = directory.resolve("missing");
        assertThat(unchangedBy(type, kv -> refused(Reason.FILE_FAILED, () -> kv.loadOptimizerStates(missing))))
                .hasMessageContaining(missing.toString());
        unchangedBy(type, kv -> refused(Reason.FILE_FAILED, () -> kv.loadOptimizerStates(directory)));
        Path foreign = Files.writeString(directory.resolve("foreign"), "a text of mine");
        assertThat(unchangedBy(type, kv -> refused(Reason.INVALID_FILE, () -> kv.loadOptimizerStates(foreign))))
                .hasMessageContainingAll(foreign.toString(), "no file of optimizer states");
        unchangedBy(type, kv -> refused(Reason.INVALID_ARGUMENT, () -> kv.loadOptimizerStates(null)));
        unchangedBy(type, kv -> refused(Reason.INVALID_ARGUMENT, () -> kv.saveOptimizerStates(null)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void aFileThatCannotBeWrittenStaysAsItWas(String type) {
        Path nowhere = directory.resolve("missing").resolve("file");
        assertThat(unchangedBy(type, kv -> refused(Reason.FILE_FAILED, () -> kv.saveOptimizerStates(nowhere, true))))
                .hasMessageContaining(nowhere.toString());
        unchangedBy(type, kv -> refused(Reason.FILE_FAILED, () -> kv.saveOptimizerStates(directory)));
        assertThat(directory).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void aFailedPushIsToldBeforeAnythingIsSavedOrLoaded(String type) {
        Path file = directory.resolve("file");
        Path never = directory.resolve("never");
        try (KVStore kv = open(type)) {
            kv.saveOptimizerStates(file);
            kv.init("numbers", filled(1, 2).castTo(DataType.INT32));
            kv.push("numbers", filled(1, 2).castTo(DataType.INT32));
            assertThat(refused(Reason.UNSUPPORTED_DTYPE, () -> kv.saveOptimizerStates(never)))
                    .hasMessageContaining("'numbers'");
            assertThat(never).doesNotExist();
            kv.saveOptimizerStates(never);
            kv.push("numbers", filled(1, 2).castTo(DataType.INT32));
            Support.until("the push has failed", () -> kv.stats().openCalls() == 0);
            refused(Reason.UNSUPPORTED_DTYPE, () -> kv.loadOptimizerStates(never));
            kv.loadOptimizerStates(never);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void theStoresOwnThreadsMayNotSaveOrLoad(String type) {
        Path file = directory.resolve("file");
        try (KVStore kv = open(type)) {
            kv.saveOptimizerStates(file);
            kv.adjustOptimizer(optimizer -> {
                refused(Reason.WOULD_DEADLOCK, () -> kv.saveOptimizerStates(file));
                refused(Reason.WOULD_DEADLOCK, () -> kv.loadOptimizerStates(file));
                return optimizer;
            });
            within(kv.async().flush());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void anInterruptedCallerSavesAndLoadsNothing(String type) throws IOException {
        Path file = directory.resolve("file");
        try (KVStore kv = open(type)) {
            kv.saveOptimizerStates(file);
            byte[] before = Files.readAllBytes(file);
            kv.push("w", filled(1, 2));
            kv.flush();
            for (Runnable call :
                    List.<Runnable>of(() -> kv.saveOptimizerStates(file), () -> kv.loadOptimizerStates(file))) {
                Thread.currentThread().interrupt();
                refused(Reason.INTERRUPTED, call::run);
                assertThat(Thread.interrupted()).isTrue();
            }
            assertThat(Files.readAllBytes(file)).isEqualTo(before);
            Support.until("leases are given back", () -> kv.stats().liveBytes() == 2 * (8 + 12));
        }
    }

    private static KVStore open(String type) {
        KVStore kv = KVStore.builder().type(type).devices(2).build();
        fill(kv, MOMENTUM, List.of("v", "w"), DataType.FLOAT, 3, 2);
        kv.flush();
        return kv;
    }

    /** What {@code call} threw at a store that must be as it was: values, states, optimizer, memory. */
    private KVStoreException unchangedBy(String type, java.util.function.Function<KVStore, KVStoreException> call) {
        Path before = directory.resolveSibling(directory.getFileName() + ".before");
        Path after = directory.resolveSibling(directory.getFileName() + ".after");
        try (KVStore kv = open(type)) {
            kv.saveOptimizerStates(before, true);
            List<?> values =
                    kv.pull(List.of("v", "w")).stream().map(Tensor::copyOf).toList();
            long live = kv.stats().liveBytes();
            KVStoreException refusal = call.apply(kv);
            kv.saveOptimizerStates(after, true);
            assertThat(Files.readAllBytes(after)).isEqualTo(Files.readAllBytes(before));
            assertThat(kv.pull(List.of("v", "w")).stream().map(Tensor::copyOf).toList())
                    .isEqualTo(values);
            assertThat(kv.stats().liveBytes()).isEqualTo(live);
            kv.push("w", filled(0, 2));
            Support.assertAll(kv, "w", -0.5);
            return refusal;
        } catch (IOException e) {
            throw new AssertionError(e);
        } finally {
            before.toFile().delete();
            after.toFile().delete();
        }
    }
}
