package io.kvstore.session;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.KeyInfo;
import io.kvstore.Reason;
import io.kvstore.RowSparse;
import io.kvstore.actor.Fit;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyReply;
import io.kvstore.session.Arguments.Item;
import io.kvstore.tensor.RowSparseTensor;
import java.util.ArrayList;
import java.util.List;

/** Rows on their way to the caller: ids checked as a whole, rows asked for, then collected. */
final class PullingRows {

    /** One array of ids, sorted and unique, for one key. */
    private record Want(Key key, long[] ids) {}

    private final Session session;
    private final String operation;
    private final Deferred deferred;
    private final List<Key> keys;
    private final List<Want> wants = new ArrayList<>();

    /** Checks everything, changes nothing. @throws KVStoreException if anything is wrong */
    PullingRows(Session session, String operation, Deferred deferred, List<Key> keys, List<?> rowIds) {
        this.session = session;
        this.operation = operation;
        this.deferred = deferred;
        this.keys = keys;
        List<List<Item>> perKey = Arguments.oneForEachOrAll(operation, keys, "rowIds", rowIds);
        for (int i = 0; i < keys.size(); i++) {
            Key key = keys.get(i);
            KeyInfo info = session.info(key)
                    .orElseThrow(() -> new KVStoreException(
                            Reason.NOT_INITIALIZED,
                            key,
                            operation + " of a key that was not initialised; init it first"));
            perKey.get(i).forEach(item -> wants.add(new Want(key, ids(info, item))));
        }
    }

    private long[] ids(KeyInfo key, Item item) {
        long[] ids;
        try {
            ids = RowIds.of(item.array());
        } catch (KVStoreException e) {
            throw Arguments.at(operation, key.key(), item, e);
        }
        KVStoreException problem = Fit.problem(operation + ", " + item.where() + ",", key, ids);
        if (problem != null) {
            throw problem.of(key.key());
        }
        return RowSparseTensor.sortedUnique(ids);
    }

    List<Call> send(int priority) {
        List<Call> calls = new ArrayList<>(wants.size());
        for (Want want : wants) {
            calls.add(session.send(
                    want.key,
                    operation,
                    priority,
                    failure -> {},
                    (id, replyTo) -> new KeyCommand.PullRows(want.ids, id, replyTo)));
        }
        return calls;
    }

    /** All replies have come: their rows, in the order asked for. @throws KVStoreException the first refusal */
    List<RowSparse> rows(List<Call> calls) {
        deferred.throwOf(keys); // a push before this pull may have failed while it waited
        List<RowSparse> rows = new ArrayList<>(calls.size());
        for (Call call : calls) {
            KeyReply reply = call.reply().join();
            if (!(reply instanceof KeyReply.Rows given)) {
                throw Call.failureOf(reply);
            }
            rows.add(RowSparse.of(given.rows()));
        }
        return rows;
    }
}
