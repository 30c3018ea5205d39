package io.kvstore.cluster.session;

import io.kvstore.KVStoreException;
import io.kvstore.actor.KeyConfig;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.Origin;
import io.kvstore.actor.PartCommand;
import io.kvstore.actor.PartReply;
import io.kvstore.actor.Reading;

/**
 * Asks every part of a key what the optimizer remembers of it. In rounds all slices have one version: those that lag
 * behind the highest are asked again. Slices that no update has reached, beside others that were updated, are asked for
 * the states that they would start from.
 */
final class GatherOperation<N> extends Operation<N> implements Reads {
    private final KeyConfig config;
    private final int pieceBytes;
    private GatheredStates states;
    private int left;
    private Origin after;

    /**
     * @param config the configuration that this worker knows
     * @param pieceBytes that one answer may carry
     */
    GatherOperation(KeyLine<N> line, long call, KeyConfig config, int pieceBytes) {
        super(line, call, 0);
        this.config = config;
        this.pieceBytes = pieceBytes;
    }

    @Override
    String what() {
        return "save";
    }

    @Override
    void start() {
        after = line.origin();
        states = new GatheredStates(line.layout(), line.session.pool());
        left = line.layout().slices();
        long seen = line.session.inRounds() ? line.seenVersion() : 0;
        for (int slice = 0; slice < line.layout().slices(); slice++) {
            ask(slice, seen, false);
        }
    }

    private void ask(int slice, long atLeast, boolean made) {
        Reading reading = new Reading(after, atLeast);
        states.startOver(slice);
        request(
                slice,
                () -> new PartCommand.Gather(reading, made, pieceBytes, 0, null),
                () -> new PartCommand.ProbeRead(reading, 0, null));
    }

    @Override
    void onReply(PartRequest<N> request, KeyReply reply) {
        int slice = request.part.slice();
        if (reply instanceof KeyReply.Refused no) {
            finish(new KeyReply.Refused(line.key, 0, no.reason(), no.message()));
        } else if (reply instanceof PartReply.Gathered piece) {
            KVStoreException problem = states.add(slice, piece);
            if (problem != null) {
                finish(new KeyReply.Refused(line.key, 0, problem.reason(), problem.getMessage()));
            } else if (piece.isLast() && !states.isComplete(slice)) {
                ask(slice, piece.version(), piece.updates() == 0 && piece.piece() != null); // some were lost on the way
            } else if (piece.isLast() && --left == 0) {
                allAreHere();
            }
        }
    }

    private void allAreHere() {
        long version = states.version();
        for (int slice = 0; slice < line.layout().slices(); slice++) {
            boolean lags = line.session.inRounds() && states.version(slice) < version;
            if (lags || states.isMissing(slice)) {
                left++;
            }
        }
        if (left > 0) {
            askAgain(version);
            return;
        }
        line.saw(version);
        finish(new KeyReply.States(line.key, 0, config, states.whole()));
    }

    private void askAgain(long version) {
        for (int slice = 0; slice < line.layout().slices(); slice++) {
            boolean lags = line.session.inRounds() && states.version(slice) < version;
            boolean isMissing = states.isMissing(slice);
            if (lags || isMissing) {
                ask(slice, lags ? version : states.version(slice), isMissing);
            }
        }
    }

    @Override
    void discard() {
        if (states != null) {
            states.release();
        }
    }
}
