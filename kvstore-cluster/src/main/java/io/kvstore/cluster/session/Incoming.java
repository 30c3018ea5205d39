package io.kvstore.cluster.session;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.Part;
import io.kvstore.actor.PartReply;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** What comes to a session from its servers: answers, where parts live, silence; and what follows from it for its requests. */
final class Incoming<N> {
    private final Outside<N> outside;
    private final Pace pace;
    private final Homes<N> homes;
    private final Requests<N> requests;
    private final Consumer<String> onFenced;

    /** @param onFenced is told, in a server's words, that the session's incarnation is closed */
    Incoming(Outside<N> outside, Pace pace, Homes<N> homes, Requests<N> requests, Consumer<String> onFenced) {
        this.outside = outside;
        this.pace = pace;
        this.homes = homes;
        this.requests = requests;
        this.onFenced = onFenced;
    }

    // ------------------------------------------------------------------ answers

    /** The answer to a request, perhaps for the second time. */
    void onReply(long id, KeyReply reply) {
        PartRequest<N> request = requests.find(id);
        if (request == null) {
            reply.release();
            return;
        }
        pace.reached(request);
        if (reply instanceof PartReply.Held held) {
            request.waitingFor = held.waitingFor();
            requests.held(request);
        } else if (reply instanceof PartReply.Unheld && request.probe != null) {
            requests.sendAgain(request);
        } else if (reply instanceof KeyReply.Refused refused) {
            onRefused(request, refused);
        } else if (!reply.isLast()) {
            pace.held(request);
            request.operation.onReply(request, reply);
        } else {
            settle(request, reply);
        }
    }

    private void settle(PartRequest<N> request, KeyReply reply) {
        requests.settle(request);
        request.operation.onReply(request, reply);
    }

    private void onRefused(PartRequest<N> request, KeyReply.Refused refused) {
        switch (refused.reason()) {
            case BUSY, OUT_OF_ORDER, RECOVERING -> later(request);
            case NOT_JOINED -> request.operation.line.join(request);
            case FENCED -> onFenced.accept(refused.message());
            case NOT_INITIALIZED, STALE_GENERATION -> onAbsent(request, refused);
            default -> {
                if (request.operation.takesNoRefusal()) {
                    later(request);
                } else {
                    settle(request, refused);
                }
            }
        }
    }

    private void later(PartRequest<N> request) {
        request.withData = true;
        pace.refused(request);
    }

    /** The part is not there, or not in this life of the key. */
    private void onAbsent(PartRequest<N> request, KeyReply.Refused refused) {
        if (request.operation.mayFindNothing()) {
            settle(request, refused);
            return;
        }
        request.operation.line.lost(new KVStoreException(
                Reason.NOT_INITIALIZED,
                request.part.key(),
                request.operation.what() + ": " + request.part + " is not there any more (" + refused.message()
                        + "); the key is lost as a whole, initialise it again"));
    }

    // ------------------------------------------------------------------ where parts live, and who is silent

    /** A part lives on {@code node}: what waited for that goes there. */
    void located(Part part, N node) {
        for (PartRequest<N> request : homes.found(part, node)) {
            if (requests.isOpen(request)) { // else it was answered from where the part was before
                request.attempts = 0;
                requests.send(request);
            }
        }
        homes.lookForNext();
    }

    /** There are servers again, to ask where parts live. */
    void serversMet() {
        homes.serversMet();
    }

    /** The node to which a request went does not have its part. */
    void notHere(long id) {
        PartRequest<N> request = requests.find(id);
        if (request != null) {
            homes.wrong(request);
            pace.reached(request); // a server answered, and another life of the part will be found
            requests.sendAgain(request);
        }
    }

    /** A request is known not to have arrived. */
    void lost(long id) {
        PartRequest<N> request = requests.find(id);
        if (request != null && !pace.isPaused(request)) {
            requests.sendAgain(request);
        }
    }

    /** A node has been silent for the session timeout: calls that wait for it end, and parts are looked for anew. */
    void dead(N node) {
        homes.dead(node).forEach(part -> outside.doubted(part.key()));
        Map<Operation<N>, Part> waiting = new LinkedHashMap<>();
        for (PartRequest<N> request : requests.all()) {
            if (node.equals(request.sentTo)) {
                waiting.putIfAbsent(request.operation, request.part);
            }
        }
        waiting.forEach((operation, part) ->
                operation.unreachable("server " + node + ", which holds " + part + ", does not answer"));
        for (PartRequest<N> request : List.copyOf(requests.all())) {
            if (node.equals(request.sentTo)) {
                pace.reached(request);
                requests.sendAgain(request);
            }
        }
    }
}
