package io.kvstore.cluster.coordinator;

import io.kvstore.cluster.coordinator.Member.State;
import io.kvstore.cluster.link.WireException;
import io.kvstore.cluster.link.WireIn;
import io.kvstore.cluster.link.WireOut;
import java.util.List;
import java.util.function.Function;

/** The bytes of what several messages carry. */
final class RecordCodec {
    private static final State[] STATES = State.values();

    private RecordCodec() {}

    static void write(WireOut to, Configuration configuration) {
        to.i64(configuration.version());
        to.text(configuration.content());
    }

    static Configuration readConfiguration(WireIn from) {
        return new Configuration(count(from), text(from, Limits.TEXT_BYTES));
    }

    static void write(WireOut to, Ballot ballot) {
        to.i64(ballot.term());
        to.i64(ballot.owner());
    }

    static Ballot readBallot(WireIn from) {
        return new Ballot(count(from), from.i64());
    }

    static void write(WireOut to, Server server) {
        to.text(server.address());
        to.i64(server.uid());
    }

    static Server readServer(WireIn from) {
        return new Server(address(from), from.i64());
    }

    static void write(WireOut to, Member member) {
        to.text(member.name());
        to.i32(member.rank());
        to.i64(member.incarnation());
        to.u8(member.state().ordinal());
    }

    static Member readMember(WireIn from) {
        return new Member(name(from), rank(from.i32()), count(from), constant(from, STATES));
    }

    static void write(WireOut to, Membership membership) {
        to.text(membership.store());
        to.i64(membership.epoch());
        to.i32(membership.workers());
        to.i64(membership.lastIncarnation());
        to.list(membership.members(), RecordCodec::write);
    }

    static Membership readMembership(WireIn from) {
        return new Membership(
                name(from),
                count(from),
                workers(from.i32()),
                count(from),
                list(from, Limits.WORKERS, RecordCodec::readMember));
    }

    static void write(WireOut to, StoreRecord record) {
        write(to, record.ballot());
        to.i64(record.revision());
        to.text(record.store());
        to.i32(record.workers());
        to.i64(record.epoch());
        to.i64(record.lastIncarnation());
        to.i64(record.released());
        write(to, record.configuration());
        to.list(record.seats(), RecordCodec::write);
    }

    static StoreRecord readRecord(WireIn from) {
        Ballot ballot = readBallot(from);
        long revision = count(from);
        String store = name(from);
        int workers = workers(from.i32());
        long epoch = count(from);
        long lastIncarnation = count(from);
        long released = count(from);
        Configuration configuration = readConfiguration(from);
        List<Seat> seats = list(from, Limits.WORKERS, RecordCodec::readSeat);
        return new StoreRecord(
                ballot, revision, store, workers, epoch, lastIncarnation, released, configuration, seats);
    }

    private static void write(WireOut to, Seat seat) {
        write(to, seat.member());
        to.i64(seat.client());
        to.i64(seat.call());
        to.i64(seat.configCall());
        to.i64(seat.configVersion());
    }

    private static Seat readSeat(WireIn from) {
        return new Seat(readMember(from), from.i64(), count(from), count(from), count(from));
    }

    static void write(WireOut to, CommandOutcome outcome) {
        to.text(outcome.server());
        to.text(outcome.result());
        to.text(outcome.failure());
    }

    static CommandOutcome readOutcome(WireIn from) {
        return new CommandOutcome(address(from), text(from, Limits.TEXT_BYTES), text(from, Limits.LINE_BYTES));
    }

    /** A number that counts something. */
    static long count(WireIn from) {
        long value = from.i64();
        if (value < 0) {
            throw new WireException("a count is not negative, given " + value);
        }
        return value;
    }

    static String name(WireIn from) {
        return text(from, Limits.NAME_BYTES);
    }

    static String address(WireIn from) {
        return text(from, Limits.ADDRESS_BYTES);
    }

    static String text(WireIn from, int limit) {
        String text = from.text();
        if (Limits.utf8Bytes(text) > limit) {
            throw new WireException("a text has at most " + limit + " bytes here, given " + Limits.utf8Bytes(text));
        }
        return text;
    }

    static <E extends Enum<E>> E constant(WireIn from, E[] values) {
        int index = from.u8();
        if (index >= values.length) {
            throw new WireException("a " + values[0].getDeclaringClass().getSimpleName() + " is below " + values.length
                    + ", given " + index);
        }
        return values[index];
    }

    static <T> List<T> list(WireIn from, int limit, Function<WireIn, T> each) {
        List<T> list = from.list(1, each);
        if (list.size() > limit) {
            throw new WireException("a list has at most " + limit + " elements here, given " + list.size());
        }
        return list;
    }

    /** @param workers 0 for a store that nobody has opened */
    static int workers(int workers) {
        if (workers < 0 || workers > Limits.WORKERS) {
            throw new WireException("a store has up to " + Limits.WORKERS + " workers, given " + workers);
        }
        return workers;
    }

    private static int rank(int rank) {
        if (rank < 0 || rank >= Limits.WORKERS) {
            throw new WireException("a rank is from 0 below " + Limits.WORKERS + ", given " + rank);
        }
        return rank;
    }
}
