package io.kvstore.cluster.session;

import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.Layout;
import io.kvstore.actor.PartCommand;
import io.kvstore.actor.Reading;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A pull of some rows: only the slices that have some of them are asked. */
final class RowsOperation<N> extends Operation<N> implements Reads {
    private final long[] ids;
    private RowSparseTensor[] slices;
    private int left;
    private long version;

    RowsOperation(KeyLine<N> line, long call, int priority, long[] ids) {
        super(line, call, priority);
        this.ids = RowSparseTensor.sortedUnique(ids.clone());
    }

    @Override
    String what() {
        return "rowSparsePull";
    }

    @Override
    void start() {
        Layout layout = line.layout();
        Reading reading = new Reading(line.origin(), line.core.inRounds() ? line.seenVersion() : 0);
        slices = new RowSparseTensor[layout.slices()];
        List<Integer> wanted = new ArrayList<>();
        for (int slice = 0; slice < slices.length; slice++) {
            if (idsOf(layout, slice).length > 0) {
                wanted.add(slice);
            }
        }
        if (wanted.isEmpty()) { // so that the rows are refused, or none, by somebody who knows
            wanted.add(0);
        }
        left = wanted.size();
        for (int slice : wanted) {
            long[] own = wanted.size() == 1 && slices.length == 1 ? ids : idsOf(layout, slice);
            line.core.request(
                    this,
                    slice,
                    () -> new KeyCommand.PullRows(own, reading, 0, null),
                    () -> new PartCommand.ProbeRead(reading, 0, null));
        }
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

    @Override
    void onReply(PartRequest<N> request, KeyReply reply) {
        if (reply instanceof KeyReply.Refused no) {
            finish(new KeyReply.Refused(line.key, 0, no.reason(), no.message()));
            return;
        }
        if (reply instanceof KeyReply.Rows rows) {
            slices[request.part.slice()] = rows.rows();
            version = Math.max(version, rows.version());
        }
        if (--left == 0) {
            line.saw(version);
            finish(new KeyReply.Rows(line.key, 0, version, whole()));
        }
    }

    private RowSparseTensor whole() {
        Layout layout = line.layout();
        if (slices.length == 1) {
            return slices[0];
        }
        long[] extents = layout.shape().toArray();
        extents[0] = Arrays.stream(slices)
                .filter(slice -> slice != null)
                .mapToInt(slice -> slice.idsInPlace().length)
                .sum();
        long[] all = new long[(int) extents[0]];
        DenseTensor rows = DenseTensor.zeros(layout.dtype(), Shape.of(extents));
        int length = (int) layout.shape().rowLength();
        int at = 0;
        for (int slice = 0; slice < slices.length; slice++) {
            if (slices[slice] != null) {
                long first = firstRow(layout, slice);
                long[] own = slices[slice].idsInPlace();
                for (int i = 0; i < own.length; i++) {
                    all[at + i] = own[i] + first;
                }
                slices[slice].rows().read(0, rows.data(), at * length, own.length * length);
                at += own.length;
            }
        }
        return RowSparseTensor.of(layout.shape(), all, rows);
    }
}
