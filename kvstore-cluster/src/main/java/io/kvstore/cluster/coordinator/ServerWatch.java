package io.kvstore.cluster.coordinator;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.ActorContext;
import akka.cluster.ClusterEvent;
import akka.cluster.ClusterEvent.MemberEvent;
import akka.cluster.Member;
import akka.cluster.MemberStatus;
import akka.cluster.UniqueAddress;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Subscribe;
import io.kvstore.cluster.ClusterConfig;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Follows which members of the cluster are servers. One that is leaving counts until it exits; one that is unreachable
 * counts until it is removed, which is the downing provider's decision.
 */
final class ServerWatch {
    private final Set<Server> servers = new TreeSet<>();

    /** Has {@code context}'s actor told of all members, present and future. */
    static <T> void subscribe(ActorContext<T> context, Function<MemberEvent, T> wrap) {
        ActorRef<MemberEvent> adapter = context.messageAdapter(MemberEvent.class, wrap::apply);
        Cluster.get(context.getSystem()).subscriptions().tell(Subscribe.create(adapter, MemberEvent.class));
    }

    /** This node. */
    static Server self(ActorSystem<?> system) {
        return server(Cluster.get(system).selfMember());
    }

    Collection<Server> servers() {
        return servers;
    }

    /** @return the address of a server that was lost by this event, or null */
    String follow(MemberEvent event) {
        Member member = event.member();
        if (!member.hasRole(ClusterConfig.SERVER_ROLE)) {
            return null;
        }
        if (member.status() == MemberStatus.up() || member.status() == MemberStatus.leaving()) {
            servers.add(server(member));
        } else if (member.status() == MemberStatus.exiting() || member.status() == MemberStatus.removed()) {
            servers.remove(server(member));
        }
        boolean lost =
                event instanceof ClusterEvent.MemberRemoved removed && removed.previousStatus() == MemberStatus.down();
        return lost ? member.address().toString() : null;
    }

    private static Server server(Member member) {
        UniqueAddress address = member.uniqueAddress();
        return new Server(address.address().toString(), address.longUid());
    }
}
