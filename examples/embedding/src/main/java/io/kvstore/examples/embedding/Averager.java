package io.kvstore.examples.embedding;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.StashBuffer;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.Origin;
import io.kvstore.actor.StoreActor;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A user's own actor that talks to a key by message: it sums readings in key {@code 'total'} and answers their mean.
 *
 * <p>The key does the work. Its value is the sum, its version is the count of pushes applied, so the mean is value over
 * version, and a reading that was refused counts in neither.
 *
 * <pre>
 *   start ── SetRule, Find ──► StoreActor          ready ── Push ──► key ── Done(version)    ──► Added
 *         ── Init(zeros) ────► key ── Done ──► ready     ── Pull ──► key ── Value(version, v) ──► Mean
 *                                                                        ── Refused(reason)   ──► Rejected
 * </pre>
 */
final class Averager extends AbstractBehavior<Averager.Command> {
    static final Key TOTAL = Key.of("total");

    /** How many readings and questions wait while the key is being made ready. */
    private static final int STASH = 1000;

    /** What an averager accepts; each gets one {@link Answer}. */
    sealed interface Command {}

    /** Adds one reading of the averager's width. The tensor must not be written into any more. */
    record Add(DenseTensor reading, ActorRef<Answer> replyTo) implements Command {}

    /** Asks for the mean of all readings that were added before. */
    record GetMean(ActorRef<Answer> replyTo) implements Command {}

    sealed interface Answer {}

    /** The reading is in the sum, as the {@code count}-th. */
    record Added(long count) implements Answer {}

    /** The mean of {@code count} readings; zeros if there are none. */
    record Mean(List<Float> values, long count) implements Answer {}

    /** Nothing was changed; after {@link Reason#BUSY} the same may be sent again. */
    record Rejected(Reason reason, String message) implements Answer {}

    private record StoreEnded() implements Command {}

    private record RuleInForce() implements Command {}

    private record KeyFound(ActorRef<KeyCommand> key) implements Command {}

    private record FromKey(KeyReply reply) implements Command {}

    /** An averager of readings with {@code width} elements each, over a store that uses its keys for sums only. */
    static Behavior<Command> create(ActorRef<StoreActor.Command> store, int width) {
        return Behaviors.setup(
                context -> Behaviors.withStash(STASH, stash -> new Averager(context, stash, store, width)));
    }

    private final StashBuffer<Command> stash;
    private final ActorRef<KeyReply> replies;
    private final int width;
    private final Map<Long, ActorRef<Answer>> waiting = new HashMap<>();
    private ActorRef<KeyCommand> key;
    private long lastId;

    private Averager(
            ActorContext<Command> context, StashBuffer<Command> stash, ActorRef<StoreActor.Command> store, int width) {
        super(context);
        this.stash = stash;
        this.width = width;
        context.watchWith(store, new StoreEnded());
        this.replies = context.messageAdapter(KeyReply.class, FromKey::new);
        store.tell(new StoreActor.SetRule(
                null, Averager::add, context.messageAdapter(StoreActor.RuleSet.class, set -> new RuleInForce())));
        store.tell(new StoreActor.Find(
                TOTAL, context.messageAdapter(StoreActor.Found.class, found -> new KeyFound(found.ref()))));
    }

    /** Runs on the key's thread: changes what is stored, and nothing else. */
    private static void add(Key key, INDArray received, INDArray stored) {
        stored.addi(received);
    }

    /** Not ready yet: what users send waits. */
    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(StoreEnded.class, ended -> Behaviors.stopped())
                .onMessage(RuleInForce.class, set -> Behaviors.same())
                .onMessage(KeyFound.class, this::onKeyFound)
                .onMessage(FromKey.class, this::onInitialised)
                .onAnyMessage(this::onTooEarly)
                .build();
    }

    private Receive<Command> ready() {
        return newReceiveBuilder()
                .onMessage(StoreEnded.class, ended -> Behaviors.stopped())
                .onMessage(Add.class, this::onAdd)
                .onMessage(GetMean.class, this::onGetMean)
                .onMessage(FromKey.class, this::onReply)
                .build();
    }

    private Behavior<Command> onTooEarly(Command command) {
        stash.stash(command);
        return this;
    }

    private Behavior<Command> onKeyFound(KeyFound found) {
        key = found.key();
        key.tell(new KeyCommand.Init(DenseTensor.zeros(DType.FLOAT32, Shape.of(width)), replies));
        return this;
    }

    /** A key that is there already goes on from where it is; any other refusal ends this actor. */
    private Behavior<Command> onInitialised(FromKey message) {
        if (message.reply() instanceof KeyReply.Refused refused && refused.reason() != Reason.ALREADY_INITIALIZED) {
            getContext().getLog().error("no averages: {}", refused.message());
            return Behaviors.stopped();
        }
        return stash.unstashAll(ready());
    }

    private Behavior<Command> onAdd(Add add) {
        key.tell(new KeyCommand.Push(List.of(add.reading()), Origin.none(), expect(add.replyTo()), replies));
        return Behaviors.same();
    }

    private Behavior<Command> onGetMean(GetMean get) {
        key.tell(new KeyCommand.Pull(expect(get.replyTo()), replies));
        return Behaviors.same();
    }

    /** A new id, by which the key's reply finds its way to {@code asker}. */
    private long expect(ActorRef<Answer> asker) {
        lastId++;
        waiting.put(lastId, asker);
        return lastId;
    }

    private Behavior<Command> onReply(FromKey message) {
        KeyReply reply = message.reply();
        waiting.remove(reply.id()).tell(answer(reply));
        return Behaviors.same();
    }

    private static Answer answer(KeyReply reply) {
        if (reply instanceof KeyReply.Done done) {
            return new Added(done.version());
        }
        if (reply instanceof KeyReply.Value total) {
            return mean(total);
        }
        KeyReply.Refused refused = (KeyReply.Refused) reply;
        return new Rejected(refused.reason(), refused.message());
    }

    /** Reads the value and gives it back, so that the store can use its memory again. */
    private static Mean mean(KeyReply.Value total) {
        List<Float> values = new ArrayList<>();
        for (float sum : total.value().floats()) {
            values.add(sum / Math.max(1, total.version()));
        }
        total.value().release();
        return new Mean(values, total.version());
    }
}
