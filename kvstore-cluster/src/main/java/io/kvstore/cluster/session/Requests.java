package io.kvstore.cluster.session;

import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.Part;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The requests of a session that have no final answer. Each goes to the server where its part lives, and again when that is
 * silent, does not have the part or is gone, until it is settled or dropped.
 *
 * @param <N> a server node
 */
final class Requests<N> {
    private final Outside<N> outside;
    private final Pace pace;
    private final Homes<N> homes;
    private final Arrivals arrivals = new Arrivals();
    private final Map<Long, PartRequest<N>> open = new LinkedHashMap<>();

    Requests(Outside<N> outside, Pace pace, Homes<N> homes) {
        this.outside = outside;
        this.pace = pace;
        this.homes = homes;
    }

    /**
     * Sends a request for one slice, and again until it is answered for good.
     *
     * @param probe asks what became of it, if its data need not be sent again for that; else null
     */
    void send(Operation<N> operation, int slice, Supplier<KeyCommand> command, Supplier<KeyCommand> probe) {
        PartRequest<N> request =
                new PartRequest<>(outside.nextId(), operation.line.part(slice), operation, command, probe);
        pace.reached(request);
        open.put(request.id, request);
        operation.sent(request);
        send(request);
    }

    /** Sends something to which no answer is awaited. */
    void tell(Part part, KeyCommand command) {
        N home = homes.of(part);
        if (home != null) {
            outside.send(home, outside.nextId(), part, 0, command);
        }
    }

    /** Leaves a request alone until {@link #sendAgain}. */
    void pause(PartRequest<N> request) {
        pace.pause(request);
    }

    /** Sends a request again, with its data, if it is still open. */
    void sendAgain(PartRequest<N> request) {
        if (isOpen(request)) {
            request.withData = true;
            send(request);
        }
    }

    /** Forgets an operation's requests. */
    void drop(Operation<N> operation) {
        if (operation.open == 0) {
            return; // the usual end: everything was answered
        }
        operation.open = 0;
        for (PartRequest<N> request = operation.last; request != null; request = request.before) {
            if (open.remove(request.id) != null) {
                homes.remove(request);
                arrivals.arrived(request.id);
            }
        }
    }

    /** Sends an open request, or a question what became of it, to where its part lives, once that is known. */
    void send(PartRequest<N> request) {
        N home = homes.of(request.part);
        pace.attempt(request);
        request.sentTo = home;
        if (home == null) {
            homes.lookFor(request);
            return;
        }
        pace.sent(request);
        KeyCommand command = request.next();
        request.withData = false; // after a silence it is asked about; what did not arrive is sent again
        outside.send(home, request.id, request.part, request.operation.priority, command);
    }

    /** The open request of that id, or null. */
    PartRequest<N> find(long id) {
        return open.get(id);
    }

    boolean isOpen(PartRequest<N> request) {
        return open.get(request.id) == request;
    }

    /** All that are open, oldest first. */
    Collection<PartRequest<N>> all() {
        return Collections.unmodifiableCollection(open.values());
    }

    /** A request was answered for good. */
    void settle(PartRequest<N> request) {
        open.remove(request.id);
        pace.answered(request);
        homes.remove(request); // answered from where its part was before, perhaps
        request.operation.open--;
        arrivals.arrived(request.id);
    }

    /** A request has arrived at its part, which will answer it later. */
    void held(PartRequest<N> request) {
        pace.held(request);
        arrivals.arrived(request.id);
    }

    /** Runs {@code then} when these have arrived: were answered or dropped, or are held. Asks about those on their way. */
    void whenArrived(List<PartRequest<N>> awaited, Runnable then) {
        if (awaited.isEmpty()) {
            then.run();
            return;
        }
        Set<Long> ids = awaited.stream().map(request -> request.id).collect(Collectors.toSet());
        arrivals.await(ids, then);
        for (PartRequest<N> request : awaited) {
            if (isOpen(request) && isOnItsWay(request)) {
                send(request);
            }
        }
    }

    /** Whether it was sent and has not been put aside. */
    boolean isOnItsWay(PartRequest<N> request) {
        return request.sentTo != null && !pace.isPaused(request);
    }

    /** Does what is due. */
    void tick(long time) {
        pace.tick(time);
        List<PartRequest<N>> due = new ArrayList<>();
        for (PartRequest<N> request : open.values()) {
            if (homes.isUnreachable(request) || pace.isDue(request)) {
                due.add(request);
            }
        }
        for (PartRequest<N> request : due) {
            if (isOpen(request) && homes.isUnreachable(request)) {
                pace.reached(request);
                request.operation.unreachable(
                        "no server has answered for " + request.part + " for " + pace.lostAfterMillis() + " ms");
            }
            if (isOpen(request) && pace.isDue(request)) {
                send(request);
            }
        }
        homes.lookForNext();
    }
}
