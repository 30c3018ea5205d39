package io.kvstore.cluster.session;

import io.kvstore.actor.Part;
import java.util.List;

/** Where parts live, as far as servers have said; asks them for those that requests wait for. */
final class Homes<N> {
    private final Outside<N> outside;
    private final Pace pace;
    private final Routes<N> routes = new Routes<>();
    private final Homeless<N> homeless = new Homeless<>();

    Homes(Outside<N> outside, Pace pace) {
        this.outside = outside;
        this.pace = pace;
    }

    /** The node where a part is believed to live; null if it must be looked for. */
    N of(Part part) {
        return routes.of(part);
    }

    /** Keeps a request until its part is found, and asks for that: in its turn, or once more if it had its turn. */
    void lookFor(PartRequest<N> request) {
        homeless.add(request);
        if (request.attempts > 1 && homeless.isDueAgain(request.part)) {
            outside.locate(request.part);
        }
        lookForNext();
    }

    /** Asks where parts live whose turn it is. */
    void lookForNext() {
        for (Part part = homeless.next(); part != null; part = homeless.next()) {
            for (PartRequest<N> request : homeless.of(part)) {
                request.attempts = 0;
                pace.attempt(request);
                pace.reached(request);
            }
            outside.locate(part);
        }
    }

    /** There are servers again: asks them for what others were asked for. */
    void serversMet() {
        homeless.looked().forEach(outside::locate);
    }

    /** A part lives on {@code node}. @return the requests that have waited for it */
    List<PartRequest<N>> found(Part part, N node) {
        routes.put(part, node);
        return homeless.found(part, pace.now());
    }

    /** The node to which a request went does not have its part. */
    void wrong(PartRequest<N> request) {
        if (request.sentTo != null && request.sentTo.equals(routes.of(request.part))) {
            routes.forget(request.part);
        }
    }

    /** Nothing lives on a node any more. @return the parts that did, sorted */
    List<Part> dead(N node) {
        return routes.forgetNode(node);
    }

    /** A request does not wait for its part any more, if it did. */
    void remove(PartRequest<N> request) {
        homeless.remove(request);
    }

    /** Whether no server is known to live that answers for the part of a request. */
    boolean isUnreachable(PartRequest<N> request) {
        return request.sentTo == null && pace.isLost(homeless.silentSince(request));
    }
}
