package io.kvstore.cluster.link;

import io.kvstore.actor.Part;

/**
 * One request or reply on its way between two nodes. Items share frames; each has its own outcome.
 *
 * @param call the requester's number for the request, from {@link Channel#nextCall}, which the reply repeats
 * @param store the store's name
 * @param part whom it is to or from
 * @param priority higher leaves sooner; an item never overtakes an earlier one of the same part
 * @param body what it says
 */
public record Item(long call, String store, Part part, int priority, Body body) {

    /** The reply to this request. */
    public Item answer(Body reply) {
        return new Item(call, store, part, priority, reply);
    }
}
