package io.kvstore.cluster.coordinator;

import akka.actor.ActorSelection;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Adapter;

/** Actors at fixed paths of other nodes, which need not be members of one cluster. */
final class Remote {
    private Remote() {}

    static ActorSelection at(ActorSystem<?> system, String address, String path) {
        return Adapter.toClassic(system).actorSelection(address + path);
    }
}
