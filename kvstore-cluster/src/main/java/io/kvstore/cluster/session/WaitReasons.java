package io.kvstore.cluster.session;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Says what a session's calls wait for, in words. */
final class WaitReasons<N> {
    private final SessionContext<N> session;
    private final Collection<KeyLine<N>> lines;

    /** @param lines of all keys, as they are at any time */
    WaitReasons(SessionContext<N> session, Collection<KeyLine<N>> lines) {
        this.session = session;
        this.lines = lines;
    }

    /** What a call waits for, once its part has been asked; empty if it is not open. */
    void ask(long call, Consumer<Optional<String>> answer) {
        PartRequest<N> request = requestOf(call, lineOf(call));
        if (request == null || request.probe == null || !session.requests().isOnItsWay(request)) {
            answer.accept(of(call));
        } else {
            session.requests().whenArrived(List.of(request), () -> answer.accept(of(call)));
        }
    }

    /** What a call waits for as far as is known; empty if it is not open. */
    Optional<String> of(long call) {
        KeyLine<N> line = lineOf(call);
        if (line != null && session.self() == null) {
            return Optional.of("this worker has to register again");
        }
        PartRequest<N> request = requestOf(call, line);
        if (line != null) {
            return Optional.of("it waits for earlier requests of the key"
                    + (request == null ? "" : ", " + request.operation.what() + " first: " + reason(request)));
        }
        return Optional.ofNullable(request).map(WaitReasons::reason);
    }

    /** The key in whose line the call waits for its turn; null if it does not. */
    private KeyLine<N> lineOf(long call) {
        return lines.stream().filter(line -> line.waitsFor(call)).findFirst().orElse(null);
    }

    /** A request that the call waits for, its own or one before it in its line; null if there is none. */
    private PartRequest<N> requestOf(long call, KeyLine<N> line) {
        return session.requests().all().stream()
                .filter(request -> line == null ? request.operation.isFor(call) : request.operation.line == line)
                .findFirst()
                .orElse(null);
    }

    private static String reason(PartRequest<?> request) {
        if (request.sentTo == null) {
            return "no server has said where " + request.part + " lives";
        }
        String why = request.waitingFor == null ? "it has not answered" : request.waitingFor;
        return request.part + " on server " + request.sentTo + ": " + why;
    }
}
