package io.kvstore.cluster.coordinator;

/**
 * The right to decide. A coordinator takes a greater term than any before it; a server that has heard a ballot refuses all
 * others whose term is not greater, so one term has one coordinator. (Lamport, Paxos Made Simple, 2001: the number of a
 * proposal.)
 *
 * @param owner tells coordinators apart that took the same term
 */
record Ballot(long term, long owner) {
    static final Ballot NONE = new Ballot(0, 0);

    /** Whether a server that has heard {@code heard} hears this. */
    boolean isHeardAfter(Ballot heard) {
        return term > heard.term || equals(heard);
    }
}
