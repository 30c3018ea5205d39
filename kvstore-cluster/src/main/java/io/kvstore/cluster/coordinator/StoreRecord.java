package io.kvstore.cluster.coordinator;

import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What must not be lost of one store. It is kept whole by every server, and changed as a whole.
 *
 * @param ballot who decided it
 * @param revision orders the records of one term
 * @param released the last barrier that all workers have come to
 * @param seats the members, in rank order
 */
record StoreRecord(
        Ballot ballot,
        long revision,
        String store,
        int workers,
        long epoch,
        long lastIncarnation,
        long released,
        Configuration configuration,
        List<Seat> seats) {

    StoreRecord {
        seats = List.copyOf(seats);
    }

    /** A store that nobody has opened yet. */
    static StoreRecord empty(String store) {
        return new StoreRecord(Ballot.NONE, 0, store, 0, 0, 0, 0, Configuration.NONE, List.of());
    }

    /** Whether this was decided after {@code other}. */
    boolean supersedes(StoreRecord other) {
        return ballot.term() > other.ballot.term() || ballot.term() == other.ballot.term() && revision > other.revision;
    }

    Membership membership() {
        return new Membership(
                store,
                epoch,
                workers,
                lastIncarnation,
                seats.stream().map(Seat::member).toList());
    }

    Optional<Seat> seat(String worker) {
        return seats.stream()
                .filter(seat -> seat.member().name().equals(worker))
                .findFirst();
    }

    Optional<Seat> seatOf(long client) {
        return seats.stream().filter(seat -> seat.client() == client).findFirst();
    }

    boolean isLive(String worker, long incarnation) {
        return seat(worker)
                .filter(seat -> seat.member().live() && seat.member().incarnation() == incarnation)
                .isPresent();
    }

    boolean hasLive() {
        return seats.stream().anyMatch(seat -> seat.member().live());
    }

    List<Member> live() {
        return seats.stream().map(Seat::member).filter(Member::live).toList();
    }

    StoreRecord stamped(Ballot newBallot, long newRevision) {
        return new StoreRecord(
                newBallot, newRevision, store, workers, epoch, lastIncarnation, released, configuration, seats);
    }

    StoreRecord released(long barrier) {
        return new StoreRecord(ballot, revision, store, workers, epoch, lastIncarnation, barrier, configuration, seats);
    }

    StoreRecord configured(Configuration next) {
        return new StoreRecord(ballot, revision, store, workers, epoch, lastIncarnation, released, next, seats);
    }

    /** With other members: the next epoch. */
    StoreRecord seated(int newWorkers, long newIncarnation, List<Seat> newSeats) {
        return new StoreRecord(
                ballot, revision, store, newWorkers, epoch + 1, newIncarnation, released, configuration, newSeats);
    }

    /** With {@code worker} dead or gone: the next epoch. */
    StoreRecord closed(String worker, Member.State state) {
        return changed(worker, epoch + 1, seat -> seat.in(state));
    }

    /** With {@code worker}'s request for a configuration noted. */
    StoreRecord called(String worker, long call, long version) {
        return changed(worker, epoch, seat -> seat.configured(call, version));
    }

    private StoreRecord changed(String worker, long newEpoch, UnaryOperator<Seat> change) {
        List<Seat> changed = seats.stream()
                .map(seat -> seat.member().name().equals(worker) ? change.apply(seat) : seat)
                .toList();
        return new StoreRecord(
                ballot, revision, store, workers, newEpoch, lastIncarnation, released, configuration, changed);
    }
}
