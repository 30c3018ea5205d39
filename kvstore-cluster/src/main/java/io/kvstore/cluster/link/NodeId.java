package io.kvstore.cluster.link;

import akka.actor.Address;
import akka.actor.ExtendedActorSystem;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Adapter;
import akka.cluster.UniqueAddress;
import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.cluster.ServerAddress;

/**
 * One life of an actor system: where it listens, and the number that tells it from others that listened there before.
 *
 * @param system the actor system's name, part of its address
 * @param host the name or number under which others reach it
 * @param port of its remoting
 * @param uid Akka's number of this life; {@link #ANY} for whichever is there
 */
public record NodeId(String system, String host, int port, long uid) implements Comparable<NodeId> {
    /** The uid of a node of which only the address is known. */
    public static final long ANY = 0;

    /** The node that an actor system with remoting is. */
    public static NodeId of(ActorSystem<?> system) {
        ExtendedActorSystem classic = (ExtendedActorSystem) Adapter.toClassic(system);
        return of(classic.provider().getDefaultAddress(), classic.uid());
    }

    /** A member of the cluster. */
    public static NodeId of(UniqueAddress member) {
        return of(member.address(), member.longUid());
    }

    private static NodeId of(Address address, long uid) {
        if (address.host().isEmpty()) {
            throw new KVStoreException(
                    Reason.INVALID_CONFIGURATION,
                    "actor system '" + address.system()
                            + "' cannot be reached from other machines; set akka.actor.provider = cluster");
        }
        return new NodeId(
                address.system(),
                address.getHost().get(),
                (Integer) address.port().get(),
                uid);
    }

    /** Whoever is at an address. */
    public static NodeId at(ServerAddress address) {
        return new NodeId(address.system(), address.host(), address.port(), ANY);
    }

    /** The same address, whoever is there. */
    public NodeId anyLife() {
        return new NodeId(system, host, port, ANY);
    }

    /** The address as Akka writes it, {@code akka://system@host:port}. */
    public String address() {
        return "akka://" + system + "@" + host + ":" + port;
    }

    /** By host, port, system and uid. */
    @Override
    public int compareTo(NodeId other) {
        int order = host.compareTo(other.host);
        order = order != 0 ? order : Integer.compare(port, other.port);
        order = order != 0 ? order : system.compareTo(other.system);
        return order != 0 ? order : Long.compare(uid, other.uid);
    }

    /** The address, and the uid in hexadecimal if it is known. */
    @Override
    public String toString() {
        return uid == ANY ? address() : address() + "#" + Long.toHexString(uid);
    }
}
