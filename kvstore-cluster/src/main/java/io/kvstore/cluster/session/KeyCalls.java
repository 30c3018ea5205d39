package io.kvstore.cluster.session;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.KeyInfo;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyConfig;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.OptimizerState;
import io.kvstore.actor.PartReply;
import io.kvstore.cluster.sharding.Placement;
import io.kvstore.session.Call;
import io.kvstore.session.Inflow;
import io.kvstore.session.Session.Request;
import io.kvstore.tensor.BufferPool;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Consumer;

/** Brings calls on keys to a session's logic, or refuses them once the session has ended. Any thread may use it. */
final class KeyCalls {
    private final OpenCalls open;
    private final SerialCore core;
    private final Placement placement;
    private final BufferPool pool;
    private final Ending ending;
    private final Coordination coordination;
    private final Explanations explanations;

    KeyCalls(
            OpenCalls open,
            SerialCore core,
            Placement placement,
            BufferPool pool,
            Ending ending,
            Coordination coordination,
            Explanations explanations) {
        this.open = open;
        this.core = core;
        this.placement = placement;
        this.pool = pool;
        this.ending = ending;
        this.coordination = coordination;
        this.explanations = explanations;
    }

    /** @param inflow takes the value in pieces, or null */
    Call send(Key key, String what, int priority, Consumer<KVStoreException> unseen, Inflow inflow, Request request) {
        Call call = open.open(key, what, unseen, inflow);
        KeyCommand command = request.with(call.id(), null);
        if (ending.refuses(call)) {
            command.release();
        } else if (command instanceof KeyCommand.Snapshot) {
            KeyConfig now = coordination.agreement().config();
            core.execute(logic -> logic.gather(call.id(), key, now, placement.sliceBytes()));
        } else {
            long bytes = Submission.bytes(command);
            call.carries(bytes);
            core.execute(Submission.of(pool, placement, key, priority, call.id(), command), bytes);
        }
        return call;
    }

    /** Makes the optimizer go on from these states, which are handed over: of all keys, or of none. */
    List<Call> restore(String what, SortedMap<Key, OptimizerState> states) {
        List<Call> calls = new ArrayList<>(states.size());
        List<SessionCore.Restoring> restoring = new ArrayList<>(states.size());
        states.forEach((key, state) -> {
            Call call = open.open(key, what, failure -> {});
            calls.add(call);
            if (ending.refuses(call)) {
                state.release();
            } else {
                restoring.add(new SessionCore.Restoring(call.id(), key, state));
            }
        });
        core.execute(logic -> logic.load(restoring, placement.sliceBytes()));
        return calls;
    }

    /** What a key is now, as its server says; waits for that. */
    Optional<KeyInfo> describe(Key key) {
        Call call = open.open(key, "info", failure -> {});
        core.execute(logic -> logic.describe(call.id(), key));
        return await(call) instanceof PartReply.Described found
                ? Optional.of(KnownKeys.info(key, found.layout(), found.generation(), found.version()))
                : Optional.empty();
    }

    /** The actor of a key of one slice, as its server writes the address; waits for that. */
    String address(Key key) {
        Call call = open.open(key, "ref", failure -> {});
        core.execute(logic -> logic.address(call.id(), key));
        KeyReply reply = await(call);
        if (reply instanceof PartReply.Address found) {
            return found.actor();
        }
        throw Call.failureOf(reply);
    }

    private KeyReply await(Call call) {
        return coordination.calls().await(call.what(), call.reply(), () -> explanations.of(call));
    }
}
