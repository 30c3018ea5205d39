package io.kvstore.cluster.link;

import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyConfig;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.Layout;
import io.kvstore.actor.OptimizerState;
import io.kvstore.actor.Origin;
import io.kvstore.actor.Part;
import io.kvstore.actor.PartCommand;
import io.kvstore.actor.PartReply;
import io.kvstore.actor.Reading;
import io.kvstore.actor.Seat;
import io.kvstore.optimizer.StateForm;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.EncodedTensor;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Shape;
import java.util.List;

/** One message of every kind, and the nodes between which they travel. */
final class Samples {
    static final NodeId A = new NodeId("kvstore", "10.0.0.1", 25520, 0x1122334455667788L);
    static final NodeId B = new NodeId("kvstore", "10.0.0.2", 25521, -2);
    static final Key KEY = Key.of("w");
    static final Origin ORIGIN = new Origin("anna", 2, 3, 4, 5);
    static final Seat SEAT = new Seat("anna", 2, 1, 7);
    static final Layout LAYOUT = new Layout(Shape.of(2, 3), DType.FLOAT32, false, 4);
    static final DenseTensor DENSE = DenseTensor.of(new float[] {1, -2.5f}, 2);
    static final RowSparseTensor SPARSE =
            RowSparseTensor.of(Shape.of(5, 2), new long[] {1, 4}, DenseTensor.of(new double[] {1, 2, 3, 4}, 2, 2));
    static final EncodedTensor ENCODED =
            new EncodedTensor("2bit", DType.FLOAT32, Shape.of(16), new byte[] {1, 2, 3, 4});
    static final KeyConfig CONFIG = new KeyConfig(9, null, null);
    static final OptimizerState STATE =
            new OptimizerState(new StateForm("adam", 2, false), Shape.of(2), DType.FLOAT32, 11, List.of(DENSE, DENSE));

    private Samples() {}

    static List<KeyCommand> commands() {
        return List.of(
                new KeyCommand.Init(DENSE, 0, null),
                new KeyCommand.Push(List.of(DENSE, SPARSE, ENCODED), ORIGIN, 0, null),
                new KeyCommand.Pull(new Reading(ORIGIN, 6), 0, null),
                new KeyCommand.PushPull(List.of(DENSE), Origin.none(), 0, null),
                new KeyCommand.Configure(CONFIG, 0, null),
                new KeyCommand.Delete(0, null),
                new PartCommand.Announce(LAYOUT, DENSE, ORIGIN, 8, 0, null),
                new PartCommand.Announce(LAYOUT, null, ORIGIN, 8, 0, null),
                new PartCommand.Load(LAYOUT, DENSE, 3, List.of(SEAT), 0, null),
                new PartCommand.Publish(3, 0, null),
                new PartCommand.Attach(ORIGIN, 0, null),
                new PartCommand.Join(ORIGIN, 12, 0, null),
                new PartCommand.Describe(0, null),
                new PartCommand.Probe(ORIGIN, true, 0, null),
                new PartCommand.Forget(3, 0, null),
                new KeyCommand.PullRows(new long[] {4, 1, 4}, new Reading(ORIGIN, 6), 0, null),
                new KeyCommand.Snapshot(0, null),
                new KeyCommand.Restore(STATE, 0, null),
                new PartCommand.ProbeRead(new Reading(ORIGIN, 6), 0, null),
                new PartCommand.Gather(new Reading(ORIGIN, 6), true, 4096, 0, null),
                new PartCommand.Stage(ORIGIN, 13, STATE.form(), 11, 1, 2, DENSE, 0, null),
                new PartCommand.Stage(ORIGIN, 13, STATE.form(), 11, 1, 2, null, 0, null),
                new PartCommand.EndLoad(ORIGIN, 13, true, 0, null),
                new PartCommand.AskAddress(0, null));
    }

    /** Replies as they come out of an item of {@link #KEY} with call {@code id}. */
    static List<KeyReply> replies(long id) {
        return List.of(
                new KeyReply.Done(KEY, id, 3),
                new KeyReply.Value(KEY, id, 3, DENSE),
                new KeyReply.Refused(KEY, id, Reason.SHAPE_MISMATCH, "expected (2,), gegeben (3,) \u2014 \u00e9"),
                new PartReply.Published(KEY, id, 3, 4),
                new PartReply.Give(KEY, id, 3, List.of(SEAT)),
                new PartReply.Attached(KEY, id, 5),
                new PartReply.Described(KEY, id, LAYOUT, 3, 4),
                new PartReply.Held(KEY, id, "round 3"),
                new PartReply.Unheld(KEY, id),
                new KeyReply.Rows(KEY, id, 3, SPARSE),
                new KeyReply.States(KEY, id, CONFIG, STATE),
                new PartReply.Gathered(KEY, id, STATE.form(), 3, 11, 14, 1, 2, DENSE, false),
                new PartReply.Gathered(KEY, id, STATE.form(), 3, 0, 14, 0, 0, null, true),
                new PartReply.Address(KEY, id, "akka://kvstore@10.0.0.1:25520/system/key#1"));
    }

    static Item item(long call, Body body) {
        return new Item(call, "default", new Part(KEY, 0), 0, body);
    }

    /** A small request for {@code part} that is told from others by its call. */
    static Item pull(String key, int slice, long call, int priority) {
        return new Item(
                call,
                "default",
                new Part(Key.of(key), slice),
                priority,
                new Body.Request(new KeyCommand.Pull(0, null)));
    }

    /** A request that carries {@code floats} elements. */
    static Item push(String key, long call, DenseTensor gradient) {
        return new Item(
                call,
                "default",
                new Part(Key.of(key), 0),
                0,
                new Body.Request(new KeyCommand.Push(List.of(gradient), Origin.none(), 0, null)));
    }
}
