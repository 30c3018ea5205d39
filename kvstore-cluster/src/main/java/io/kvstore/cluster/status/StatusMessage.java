package io.kvstore.cluster.status;

import akka.actor.typed.ActorRef;

/** What travels between a server's {@link StatusActor} and whoever asks it; see {@link StatusSerializer}. */
public sealed interface StatusMessage {

    /** The answer is an {@link Answer}. */
    record Ask(ActorRef<StatusMessage> replyTo) implements StatusMessage {}

    /** @param json a {@link NodeStatus} */
    record Answer(String json) implements StatusMessage {}

    /** The answer is an {@link Echo} with the same bytes. @param bytes belongs to the receiver */
    record Probe(byte[] bytes, ActorRef<StatusMessage> replyTo) implements StatusMessage {}

    /** What a {@link Probe} carried. */
    record Echo(byte[] bytes) implements StatusMessage {}
}
