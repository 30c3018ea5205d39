package io.kvstore.conformance;

import io.kvstore.KVStoreBase;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A user's own store that keeps nothing: it hands values on, and sums what is pushed. */
final class TestStore extends KVStoreBase {
    @Override
    public String type() {
        return "teststore";
    }

    @Override
    public void broadcast(List<?> keys, List<?> values, List<?> outs, int priority) {
        for (int i = 0; i < keys.size(); i++) {
            INDArray value = (INDArray) values.get(i);
            arrays(outs.get(i)).forEach(out -> out.assign(value));
        }
    }

    @Override
    public void pushPull(List<?> keys, List<?> values, List<?> outs, int priority) {
        List<?> targets = outs == null ? values : outs;
        for (int i = 0; i < keys.size(); i++) {
            INDArray sum = sum(arrays(values.get(i)));
            arrays(targets.get(i)).forEach(out -> out.assign(sum));
        }
    }

    private static INDArray sum(List<INDArray> arrays) {
        INDArray sum = Nd4j.zerosLike(arrays.get(0));
        arrays.forEach(sum::addi);
        return sum;
    }

    private static List<INDArray> arrays(Object oneOrSeveral) {
        return oneOrSeveral instanceof List<?> several
                ? several.stream().map(INDArray.class::cast).toList()
                : List.of((INDArray) oneOrSeveral);
    }
}
