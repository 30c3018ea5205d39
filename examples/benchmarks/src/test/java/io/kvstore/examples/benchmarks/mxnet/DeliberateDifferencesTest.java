package io.kvstore.examples.benchmarks.mxnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvstore.KVStore;
import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Where this project's store does not do what MXNet's does, and why: each test shows both. */
@Tag("thorough")
class DeliberateDifferencesTest {
    @RegisterExtension
    static final Differential STORES = new Differential();

    private Both both;
    private KVStore ours;
    private MxKVStore theirs;

    @BeforeEach
    void open() {
        both = STORES.open("local");
        ours = both.ours();
        theirs = both.theirs();
    }

    @AfterEach
    void close() {
        both.close();
    }

    private static Sample floats(double... values) {
        return Sample.of(MxType.FLOAT32, new int[] {values.length}, values);
    }

    private static void assertRefused(ThrowingCallable call, Reason reason) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        KVStoreException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }

    /** MXNet keeps the only array of a push instead of a copy: whoever reuses his gradient array changes the weight. */
    @Test
    void keepsNoArrayOfTheCallers() {
        both.init("weight", floats(0));
        INDArray mine = Nd4j.createFromArray(1f);
        try (MxArray shared = MxArray.of(new float[] {1})) {
            ours.push("weight", mine);
            theirs.push("weight", List.of(shared));
            mine.assign(7);
            shared.set(new float[] {7});
            assertThat(both.mxnets("weight")).isEqualTo(floats(7));
        }
        assertThat(both.ours("weight")).isEqualTo(floats(1));
    }

    /**
     * After a push of several arrays without updater MXNet's value is the buffer of its sums, and the next sum overwrites
     * it before an updater that was set in between has seen it. Here a value is only ever replaced as a whole.
     */
    @Test
    void givesAnUpdaterThatWasSetLaterTheValueAsItWas() {
        both.init("weight", floats(0));
        both.push("weight", floats(1), floats(1));
        ours.setUpdater((key, received, stored) -> stored.addi(received));
        theirs.setUpdater(
                (key, received, stored) -> stored.set(new float[] {stored.toFloats()[0] + received.toFloats()[0]}));
        both.push("weight", floats(3), floats(3));
        assertThat(both.mxnets("weight")).isEqualTo(floats(6 + 6));
        assertThat(both.ours("weight")).isEqualTo(floats(2 + 6));
    }

    /** In MXNet the only array of a push may have any shape, which becomes the key's. It is nearly always a mistake. */
    @Test
    void refusesAnArrayOfAnotherShape() {
        both.init("weight", floats(1, 2, 3));
        try (MxArray two = MxArray.of(new float[] {8, 9});
                MxArray out = MxArray.of(new float[2])) {
            theirs.push("weight", List.of(two));
            theirs.pull("weight", List.of(out));
            assertThat(out.toFloats()).containsExactly(8, 9);
        }
        assertRefused(() -> ours.push("weight", Nd4j.createFromArray(8f, 9f)), Reason.SHAPE_MISMATCH);
        assertThat(ours.pull("weight").toFloatVector()).containsExactly(1, 2, 3);
    }

    /** MXNet casts a device's array to the key's type without a word, and so rounds gradients. */
    @Test
    void refusesAnArrayOfAnotherType() {
        both.init("weight", floats(0));
        try (MxArray narrow = MxArray.of(0, new float[] {1});
                MxArray wide = MxArray.of(1, new double[] {1.00000001})) {
            theirs.push("weight", List.of(narrow, wide));
            assertThat(both.mxnets("weight")).isEqualTo(floats(2));
        }
        assertThatThrownBy(
                        () -> ours.push("weight", List.of(Nd4j.createFromArray(1f), Nd4j.createFromArray(1.00000001))))
                .isInstanceOfSatisfying(
                        KVStoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.DTYPE_MISMATCH));
    }

    /** MXNet makes a local store of any name that it does not know, so that a typing error shows in the results only. */
    @Test
    void refusesATypeItDoesNotKnow() {
        try (MxKVStore any = MxKVStore.create("locl")) {
            assertThat(any.type()).isEqualTo("locl");
        }
        assertRefused(() -> STORES.store("locl"), Reason.UNKNOWN_TYPE);
    }

    /** A pull of an integer key that does not exist leaves an empty entry in MXNet's store: the key is lost for good. */
    @Test
    void canInitialiseAKeyThatWasAskedForTooEarly() {
        try (MxArray value = MxArray.of(new float[] {5})) {
            assertThatThrownBy(() -> theirs.pull(3, List.of(value))).hasMessageContaining("has not been inited");
            assertThatThrownBy(() -> theirs.init(3, value)).hasMessageContaining("duplicate init of key 3");
        }
        assertRefused(() -> ours.pull(3), Reason.NOT_INITIALIZED);
        ours.init(3, Nd4j.createFromArray(5f));
        assertThat(ours.pull(3).getFloat(0)).isEqualTo(5);
    }

    /** MXNet cuts bfloat16 sums and casts off, so that they drift towards 0. Here they are rounded to the nearest number. */
    @Test
    void roundsBfloat16ToTheNearest() {
        int[] one = {1};
        both.init("weight", Sample.of(MxType.BFLOAT16, one, 0));
        both.push("weight", Sample.of(MxType.BFLOAT16, one, 1), Sample.of(MxType.BFLOAT16, one, 0x1.8p-8));
        assertThat(both.mxnets("weight").doubles()).containsExactly(1);
        assertThat(both.ours("weight").doubles()).containsExactly(1 + 0x1p-7);
        both.init("wide", floats(1 + 0x1.8p-8));
        INDArray out = Sample.of(MxType.BFLOAT16, one, 0).toNd();
        ours.pull("wide", out);
        assertThat(out.getFloat(0)).isEqualTo(1 + 0x1p-7f);
        try (MxArray narrow = MxArray.zeros(0, MxType.BFLOAT16, one)) {
            theirs.pull("wide", List.of(narrow));
            assertThat(Sample.of(narrow).doubles()).containsExactly(1);
        }
    }
}
