package io.kvstore.cluster.session;

import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.Layout;
import io.kvstore.actor.Reading;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** A pull of some rows: only the slices that have some of them are asked. */
final class RowsOperation<N> extends SlicedRead<N> {
    private final long[] ids;
    private RowSparseTensor[] rows;

    RowsOperation(KeyLine<N> line, long call, int priority, long[] ids) {
        super(line, call, priority);
        this.ids = RowSparseTensor.sortedUnique(ids.clone());
    }

    @Override
    String what() {
        return "rowSparsePull";
    }

    @Override
    List<Integer> slices() {
        Layout layout = line.layout();
        rows = new RowSparseTensor[layout.slices()];
        List<Integer> wanted = IntStream.range(0, rows.length)
                .filter(slice -> idsOf(layout, slice).length > 0)
                .boxed()
                .toList();
        return wanted.isEmpty() ? List.of(0) : wanted; // so that somebody refuses them who knows, or gives none
    }

    @Override
    KeyCommand command(int slice, Reading reading) {
        long[] own = rows.length == 1 ? ids : idsOf(line.layout(), slice);
        return new KeyCommand.PullRows(own, reading, 0, null);
    }

    @Override
    void put(int slice, KeyReply reply) {
        rows[slice] = ((KeyReply.Rows) reply).rows();
    }

    @Override
    KeyReply whole(long version) {
        return new KeyReply.Rows(line.key, 0, version, whole());
    }

    /** The rows that lie in the slice, counted from its first row. */
    private long[] idsOf(Layout layout, int slice) {
        long first = firstRow(layout, slice);
        long end = first + layout.length(slice) / Math.max(1, layout.shape().rowLength());
        return Arrays.stream(ids)
                .filter(id -> id >= first && id < end)
                .map(id -> id - first)
                .toArray();
    }

    private static long firstRow(Layout layout, int slice) {
        return layout.from(slice) / Math.max(1, layout.shape().rowLength());
    }

    private RowSparseTensor whole() {
        Layout layout = line.layout();
        if (rows.length == 1) {
            return rows[0];
        }
        long[] extents = layout.shape().toArray();
        extents[0] = Arrays.stream(rows)
                .filter(slice -> slice != null)
                .mapToInt(slice -> slice.idsInPlace().length)
                .sum();
        long[] allIds = new long[(int) extents[0]];
        DenseTensor allRows = DenseTensor.zeros(layout.dtype(), Shape.of(extents));
        int length = (int) layout.shape().rowLength();
        int at = 0;
        for (int slice = 0; slice < rows.length; slice++) {
            if (rows[slice] != null) {
                long first = firstRow(layout, slice);
                long[] own = rows[slice].idsInPlace();
                for (int i = 0; i < own.length; i++) {
                    allIds[at + i] = own[i] + first;
                }
                rows[slice].rows().read(0, allRows.data(), at * length, own.length * length);
                at += own.length;
            }
        }
        return RowSparseTensor.of(layout.shape(), allIds, allRows);
    }
}
