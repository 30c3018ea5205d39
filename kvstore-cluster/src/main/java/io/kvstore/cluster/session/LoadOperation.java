package io.kvstore.cluster.session;

import io.kvstore.actor.KeyReply;
import io.kvstore.actor.OptimizerState;
import io.kvstore.actor.Origin;
import io.kvstore.actor.PartCommand;
import io.kvstore.actor.PartReply;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseSlice;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import io.kvstore.tensor.Tensor;

/** One key's share of a load: brings every part its pieces, and has them taken up once all keys have theirs. */
final class LoadOperation<N> extends Operation<N> {
    private final StatesLoad<N> load;
    private final OptimizerState state;
    private final int pieceBytes;
    private Origin origin;
    private int[] missing; // pieces of each slice
    private int left;
    private boolean adopting;
    private boolean over;

    /**
     * @param state of the whole key; this operation's to release
     * @param pieceBytes that one request may carry
     */
    LoadOperation(KeyLine<N> line, long call, StatesLoad<N> load, OptimizerState state, int pieceBytes) {
        super(line, call, 0);
        this.load = load;
        this.state = state;
        this.pieceBytes = pieceBytes;
    }

    @Override
    String what() {
        return "load";
    }

    @Override
    void start() {
        origin = line.origin();
        missing = new int[line.layout().slices()];
        for (int slice = 0; slice < line.layout().slices(); slice++) {
            stage(slice);
        }
    }

    /** Cuts each state of the slice; without states one piece of nothing is brought, so that the part can look at its form. */
    private void stage(int slice) {
        if (state.states().isEmpty()) {
            DType dtype = line.layout().dtype();
            bring(slice, 0, 0, () -> DenseTensor.zeros(dtype, Shape.of(0)));
        }
        int first = Math.toIntExact(line.layout().from(slice));
        int length = line.layout().length(slice);
        for (int index = 0; index < state.states().size(); index++) {
            DenseTensor whole = state.states().get(index);
            int most = Math.max(1, pieceBytes / whole.dtype().bytes());
            int from = 0;
            do {
                int at = first + from;
                int count = Math.min(most, length - from);
                bring(slice, index, from, () -> new DenseSlice(whole, at, Shape.of(count)));
                from += count;
            } while (from < length);
        }
    }

    private interface Piece {
        Tensor make();
    }

    private void bring(int slice, int index, int from, Piece piece) {
        left++;
        missing[slice]++;
        request(slice, () -> command(index, from, piece.make()), () -> command(index, from, null));
    }

    private PartCommand.Stage command(int index, int from, Tensor piece) {
        return new PartCommand.Stage(origin, load.number(), state.form(), state.updates(), index, from, piece, 0, null);
    }

    /** All parts of all keys have their pieces. */
    void adopt() {
        adopting = true;
        for (int slice = 0; slice < line.layout().slices(); slice++) {
            adopt(slice);
        }
    }

    private void adopt(int slice) {
        left++;
        request(slice, () -> new PartCommand.EndLoad(origin, load.number(), true, 0, null), null);
    }

    @Override
    void onReply(PartRequest<N> request, KeyReply reply) {
        int slice = request.part.slice();
        left--;
        if (reply instanceof KeyReply.Refused no) {
            refused(new KeyReply.Refused(line.key, 0, no.reason(), no.message()));
            return;
        }
        if (reply instanceof PartReply.Unheld) { // its part has started again meanwhile
            stage(slice);
        } else if (request.probe != null && --missing[slice] == 0 && adopting) {
            adopt(slice);
        }
        if (left == 0 && adopting) {
            over = true;
            finish(new KeyReply.Done(line.key, 0, line.seenVersion()));
        } else if (left == 0) {
            load.staged();
        }
    }

    private void refused(KeyReply.Refused why) {
        if (adopting) {
            over = true;
            finish(why);
        } else {
            load.refused(why);
        }
    }

    /** Ends it without effect, because a key was refused or lost. */
    void giveUp(KeyReply.Refused why) {
        if (!over) {
            over = true;
            unstage();
            finish(why);
        }
    }

    private void unstage() {
        if (origin != null && line.exists()) {
            for (int slice = 0; slice < line.layout().slices(); slice++) {
                line.session
                        .requests()
                        .tell(line.part(slice), new PartCommand.EndLoad(origin, load.number(), false, 0, null));
            }
        }
    }

    @Override
    void discard() {
        state.release();
        if (!over && !adopting) {
            over = true;
            unstage();
            load.lost(line.key);
        }
    }
}
