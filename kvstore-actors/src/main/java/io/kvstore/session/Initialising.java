package io.kvstore.session;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.KeyInfo;
import io.kvstore.Reason;
import io.kvstore.RowSparse;
import io.kvstore.actor.KeyCommand;
import io.kvstore.session.Arguments.Item;
import io.kvstore.tensor.BorrowedTensor;
import io.kvstore.tensor.Shape;
import io.kvstore.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.nd4j.linalg.api.ndarray.INDArray;

/** New keys on their way into the store: checked as a whole, then sent. */
final class Initialising {
    private final Session session;
    private final String operation;
    private final Map<Key, INDArray> arrays = new LinkedHashMap<>();
    private final Map<Key, Tensor> values = new LinkedHashMap<>();
    private List<Call> calls = List.of();

    /** Checks everything, changes nothing. @throws KVStoreException if anything is wrong */
    Initialising(Session session, String operation, Set<Key> keys, List<?> given) {
        this.session = session;
        this.operation = operation;
        int i = 0;
        for (Key key : keys) {
            check(key, new Item(given.get(i), "values", i, -1));
            i++;
        }
    }

    private void check(Key key, Item item) {
        Optional<KeyInfo> existing = session.initialised(key);
        if (existing.isPresent()) {
            throw new KVStoreException(
                    Reason.ALREADY_INITIALIZED,
                    key,
                    operation + " of a key that exists with shape "
                            + existing.get().shape() + " and type "
                            + existing.get().dtype() + "; push to change it, or delete it first");
        }
        if (item.array() instanceof RowSparse rows) {
            values.put(key, rows.tensor());
            return;
        }
        if (!(item.array() instanceof INDArray array)) {
            throw Arguments.notAnArray(operation, key, item);
        }
        try {
            values.put(key, new BorrowedTensor(array, () -> {}));
            arrays.put(key, array);
        } catch (KVStoreException e) {
            throw Arguments.at(operation, key, item, e);
        }
    }

    Map<Key, Shape> shapes() {
        Map<Key, Shape> shapes = new LinkedHashMap<>();
        values.forEach((key, value) -> shapes.put(key, value.shape()));
        return shapes;
    }

    /** Lends the arrays to the keys until their replies. */
    List<Call> sendLent() {
        return send(values::get);
    }

    /** Sends copies, so that the caller need not wait. */
    List<Call> sendCopies() {
        return send(key -> arrays.containsKey(key) ? Tensor.copyOf(arrays.get(key)) : values.get(key));
    }

    private List<Call> send(Function<Key, Tensor> value) {
        session.open(values.keySet());
        List<Call> sent = new ArrayList<>(values.size());
        for (Key key : values.keySet()) {
            Tensor tensor = value.apply(key);
            sent.add(session.send(key, operation, (id, replyTo) -> new KeyCommand.Init(tensor, id, replyTo)));
        }
        calls = sent;
        return sent;
    }

    void revoke() {
        for (Tensor value : values.values()) {
            if (value instanceof BorrowedTensor lent) {
                lent.revoke();
            }
        }
    }

    /** All replies have come. @throws KVStoreException the first refusal */
    void finish() {
        for (Call call : calls) {
            KVStoreException failure = Call.failureOf(call.reply().join());
            if (failure != null) {
                throw failure;
            }
        }
    }
}
