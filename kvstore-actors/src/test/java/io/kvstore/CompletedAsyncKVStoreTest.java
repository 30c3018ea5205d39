package io.kvstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class CompletedAsyncKVStoreTest {
    private static final List<?> KEYS = List.of("w");
    private static final List<?> ARRAYS = List.of(Nd4j.ones(1));

    /** Names the operations that it is asked for. */
    private static final class Blocking extends KVStoreBase {
        private final List<String> done = new ArrayList<>();

        @Override
        public String type() {
            return "blocking";
        }

        @Override
        public void init(List<?> keys, List<?> values) {
            done.add("init");
        }

        @Override
        public void push(List<?> keys, List<?> values, int priority) {
            done.add("push " + priority);
        }

        @Override
        public void pull(List<?> keys, List<?> outs, int priority, boolean ignoreSparse) {
            done.add("pull " + priority + " " + ignoreSparse);
        }

        @Override
        public List<INDArray> pull(List<?> keys) {
            done.add("pull new");
            return List.of(Nd4j.ones(1).mul(7));
        }

        @Override
        public void pushPull(List<?> keys, List<?> values, List<?> outs, int priority) {
            done.add("pushPull " + priority);
        }

        @Override
        public List<RowSparse> rowSparsePull(List<?> keys, List<?> rowIds, int priority) {
            done.add("rowSparsePull " + priority);
            return List.of();
        }

        @Override
        public void delete(Key key) {
            done.add("delete " + key);
        }

        @Override
        public void flush() {
            done.add("flush");
        }
    }

    @Test
    void everyOperationIsDoneWhenItsCallReturns() {
        Blocking store = new Blocking();
        AsyncKVStore async = store.async().handingOver();
        List<CompletionStage<?>> stages = List.of(
                async.init(KEYS, ARRAYS),
                async.push(KEYS, ARRAYS, -1),
                async.pull(KEYS, ARRAYS, -2, false),
                async.pushPull(KEYS, ARRAYS, ARRAYS, -3),
                async.rowSparsePull(KEYS, List.of(new long[0]), -4),
                async.delete(Key.of("w")),
                async.flush());
        assertThat(store.done)
                .containsExactly(
                        "init", "push -1", "pull -2 false", "pushPull -3", "rowSparsePull -4", "delete 'w'", "flush");
        assertThat(stages)
                .allSatisfy(stage -> assertThat(stage.toCompletableFuture()).isCompleted());
        assertThat(async.pull("w").toCompletableFuture().join().getDouble(0)).isEqualTo(7);
    }

    @Test
    void whatAnOperationThrowsIsThrownByItsCall() {
        KVStoreBase store = new KVStoreBase() {
            @Override
            public String type() {
                return "nothing";
            }
        };
        KVStoreException refusal =
                catchThrowableOfType(KVStoreException.class, () -> store.async().push(KEYS, ARRAYS, 0));
        assertThat(refusal.reason()).isEqualTo(Reason.UNSUPPORTED);
    }
}
