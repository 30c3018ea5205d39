package io.kvstore.cluster.coordinator;

/**
 * One life of a server.
 *
 * @param address of its ActorSystem
 * @param uid tells the lives at one address apart
 */
record Server(String address, long uid) implements Comparable<Server> {
    @Override
    public int compareTo(Server other) {
        int byAddress = address.compareTo(other.address);
        return byAddress != 0 ? byAddress : Long.compare(uid, other.uid);
    }
}
