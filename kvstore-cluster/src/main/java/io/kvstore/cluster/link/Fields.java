package io.kvstore.cluster.link;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.actor.KeyConfig;
import io.kvstore.actor.Layout;
import io.kvstore.actor.OptimizerState;
import io.kvstore.actor.Origin;
import io.kvstore.actor.Part;
import io.kvstore.actor.Reading;
import io.kvstore.actor.Seat;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.optimizer.StateForm;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.Shape;
import java.util.Arrays;

/** How the values that messages are made of stand in bytes; for each a writer and its reader. */
final class Fields {
    private Fields() {}

    static void key(WireOut out, Key key) {
        out.bool(key.isInteger());
        if (key.isInteger()) {
            out.i64(key.number());
        } else {
            out.text(key.name());
        }
    }

    static Key key(WireIn in) {
        return in.bool() ? Key.of(in.i64()) : Key.of(in.text());
    }

    static void part(WireOut out, Part part) {
        key(out, part.key());
        out.i32(part.slice());
    }

    static Part part(WireIn in) {
        Part part = new Part(key(in), in.i32());
        if (part.slice() < 0) {
            throw new WireException("slice " + part.slice() + " of key " + part.key());
        }
        return part;
    }

    static void node(WireOut out, NodeId node) {
        out.text(node.system()).text(node.host()).i32(node.port()).i64(node.uid());
    }

    static NodeId node(WireIn in) {
        return new NodeId(in.text(), in.text(), in.i32(), in.i64());
    }

    static void origin(WireOut out, Origin origin) {
        out.optional(origin.worker(), WireOut::text)
                .i64(origin.incarnation())
                .i64(origin.generation())
                .i64(origin.seq())
                .i64(origin.config());
    }

    static Origin origin(WireIn in) {
        return new Origin(in.optional(WireIn::text), in.i64(), in.i64(), in.i64(), in.i64());
    }

    static void reading(WireOut out, Reading reading) {
        origin(out, reading.after());
        out.i64(reading.minVersion());
    }

    static Reading reading(WireIn in) {
        return new Reading(origin(in), in.i64());
    }

    static void seat(WireOut out, Seat seat) {
        out.text(seat.worker()).i64(seat.incarnation()).i32(seat.rank()).i64(seat.firstRound());
    }

    static Seat seat(WireIn in) {
        return new Seat(in.text(), in.i64(), in.i32(), in.i64());
    }

    /** The least size of a seat, in bytes. */
    static final int SEAT_BYTES = 24;

    static void layout(WireOut out, Layout layout) {
        Tensors.shape(out, layout.shape());
        Tensors.dtype(out, layout.dtype());
        out.bool(layout.rowSparse()).i32(layout.sliceElements());
    }

    static Layout layout(WireIn in) {
        return new Layout(Tensors.shape(in), Tensors.dtype(in), in.bool(), in.i32());
    }

    static void config(WireOut out, KeyConfig config) {
        if (config.updater() != null) {
            throw new KVStoreException(
                    Reason.UNSUPPORTED,
                    "an updater is code and cannot be sent to another machine; use an optimizer, or an OptimizerRule"
                            + " that the servers have on their class path");
        }
        out.i64(config.version());
        out.optional(config.optimizer(), (o, optimizer) -> o.text(optimizer.toJson()));
    }

    static KeyConfig config(WireIn in) {
        return new KeyConfig(in.i64(), in.optional(i -> Optimizer.fromJson(i.text())), null);
    }

    static void form(WireOut out, StateForm form) {
        out.text(form.rule()).i32(form.states()).bool(form.multiPrecision());
    }

    static StateForm form(WireIn in) {
        return new StateForm(in.text(), in.i32(), in.bool());
    }

    static void state(WireOut out, OptimizerState state) {
        form(out, state.form());
        Tensors.dtype(out, state.dtype());
        Tensors.shape(out, state.shape());
        out.i64(state.updates()).list(state.states(), Tensors::tensor);
    }

    static OptimizerState state(WireIn in) {
        StateForm form = form(in);
        DType dtype = Tensors.dtype(in);
        Shape shape = Tensors.shape(in);
        return new OptimizerState(form, shape, dtype, in.i64(), in.list(Tensors.LEAST_BYTES, Tensors::dense));
    }

    /** By name, so that a reason may be added anywhere; one that this version does not know is {@link Reason#INTERNAL}. */
    static void reason(WireOut out, Reason reason) {
        out.text(reason.name());
    }

    static Reason reason(WireIn in) {
        String name = in.text();
        return Arrays.stream(Reason.values())
                .filter(reason -> reason.name().equals(name))
                .findFirst()
                .orElse(Reason.INTERNAL);
    }
}
