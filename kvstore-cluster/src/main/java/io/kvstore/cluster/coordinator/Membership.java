package io.kvstore.cluster.coordinator;

import java.util.List;
import java.util.Optional;

/**
 * Who the workers of a store are, from one change to the next.
 *
 * @param epoch counts the changes; one epoch has one content everywhere
 * @param workers how many workers the store was opened for
 * @param lastIncarnation the greatest incarnation given so far
 * @param members in rank order, with the dead and those that left as long as nobody took their rank
 */
public record Membership(String store, long epoch, int workers, long lastIncarnation, List<Member> members) {

    /** How a worker's life is to be treated. */
    public enum Standing {
        LIVE,
        /** Dead, left or replaced: what it still sends is refused. */
        CLOSED,
        /** It was registered after this membership: news of it is on the way. */
        NOT_YET_KNOWN
    }

    public Membership {
        members = List.copyOf(members);
    }

    /** The workers that take part, in rank order. */
    public List<Member> live() {
        return members.stream().filter(Member::live).toList();
    }

    public Optional<Member> member(String name) {
        return members.stream().filter(each -> each.name().equals(name)).findFirst();
    }

    public Standing standing(String worker, long incarnation) {
        if (incarnation > lastIncarnation) {
            return Standing.NOT_YET_KNOWN;
        }
        boolean live = member(worker)
                .filter(member -> member.live() && member.incarnation() == incarnation)
                .isPresent();
        return live ? Standing.LIVE : Standing.CLOSED;
    }
}
