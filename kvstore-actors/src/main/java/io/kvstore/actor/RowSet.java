package io.kvstore.actor;

import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * The rows of a table that may hold something other than zeros; it may name too many and never too few. With it, a table that
 * becomes a few rows need not be zeroed as a whole.
 *
 * <p>Rows are noted as they are touched, repeats included, until as many are noted as the table has rows; from then on
 * it is all of them. So neither noting nor zeroing ever costs more than the updates that made it necessary.
 */
final class RowSet {
    private final Shape table;
    private final List<long[]> touched = new ArrayList<>();
    private long count;

    private RowSet(Shape table) {
        this.table = table;
    }

    /** The rows {@code ids} of a table; the array is kept and only read. */
    static RowSet of(Shape table, long[] ids) {
        RowSet set = new RowSet(table);
        set.add(ids);
        return set;
    }

    /** All rows of a key's next value, or null if the key is dense. */
    static RowSet allOf(KeyRecord record) {
        if (record.rows == null) {
            return null;
        }
        RowSet set = new RowSet(record.shape);
        set.addAll();
        return set;
    }

    /** Notes rows that were, or are about to be, written; the array is kept and only read. */
    void add(long[] ids) {
        count += ids.length;
        if (count >= table.extent(0)) {
            addAll();
        } else if (ids.length > 0) {
            touched.add(ids);
        }
    }

    void addAll() {
        count = table.extent(0);
        touched.clear();
    }

    /** Zeroes these rows of {@code values}, a table of the set's shape, and is empty then. */
    void zero(DenseTensor values) {
        int length = (int) table.rowLength();
        if (count >= table.extent(0)) {
            values.fillZero(0, values.length());
        } else if (length > 0) {
            for (long[] ids : touched) {
                for (long id : ids) {
                    values.fillZero((int) id * length, length);
                }
            }
        }
        touched.clear();
        count = 0;
    }
}
