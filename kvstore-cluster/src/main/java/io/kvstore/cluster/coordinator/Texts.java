package io.kvstore.cluster.coordinator;

import java.util.Collection;
import java.util.stream.Collectors;

/** Words for people. */
final class Texts {
    private Texts() {}

    /** {@code w1 (rank 0), w2 (rank 1)}. */
    static String members(Collection<Member> members) {
        return members.stream()
                .map(each -> each.name() + " (rank " + each.rank() + ")")
                .collect(Collectors.joining(", "));
    }

    static String addresses(Collection<Server> servers) {
        return servers.stream().map(Server::address).collect(Collectors.joining(", "));
    }
}
