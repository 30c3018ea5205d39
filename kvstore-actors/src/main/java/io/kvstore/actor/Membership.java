package io.kvstore.actor;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The workers of a store as of one epoch.
 *
 * @param epoch grows with each change
 * @param lastIncarnation the highest that was given; incarnations are counted per store, over all workers
 * @param members the live ones, by rank
 * @param left incarnations that ended by leaving, not by silence
 */
public record Membership(long epoch, long lastIncarnation, List<Member> members, Set<Long> left) {
    /** Before anybody has come. */
    public static final Membership NONE = new Membership(0, 0, List.of(), Set.of());

    /** What is known of an incarnation. */
    public enum Standing {
        LIVE,
        /** It was closed, or replaced by a later one. */
        CLOSED,
        /** This membership has not heard of it. */
        UNKNOWN
    }

    public Membership {
        members = members.stream()
                .sorted((a, b) -> Integer.compare(a.rank(), b.rank()))
                .toList();
        left = Set.copyOf(left);
    }

    public Standing standing(String worker, long incarnation) {
        if (incarnation > lastIncarnation) {
            return Standing.UNKNOWN;
        }
        Member member = find(worker);
        return member != null && member.incarnation() == incarnation ? Standing.LIVE : Standing.CLOSED;
    }

    public Optional<Member> member(String worker) {
        return Optional.ofNullable(find(worker));
    }

    private Member find(String worker) {
        for (Member each : members) { // asked for every request of every part
            if (each.worker().equals(worker)) {
                return each;
            }
        }
        return null;
    }
}
