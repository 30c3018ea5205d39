package io.kvstore.cluster.session;

import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyReply;
import java.util.function.Supplier;

/** A question to the head of a key that this worker knows; changes nothing of what it knows. */
final class AskOperation<N> extends Operation<N> implements Reads {
    private final String what;
    private final Supplier<KeyCommand> question;

    AskOperation(KeyLine<N> line, long call, String what, Supplier<KeyCommand> question) {
        super(line, call, Integer.MAX_VALUE);
        this.what = what;
        this.question = question;
    }

    @Override
    String what() {
        return what;
    }

    @Override
    boolean mayFindNothing() {
        return true;
    }

    @Override
    void start() {
        request(0, question, null);
    }

    @Override
    void onReply(PartRequest<N> request, KeyReply reply) {
        finish(reply);
    }
}
