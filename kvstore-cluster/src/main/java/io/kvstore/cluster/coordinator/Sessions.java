package io.kvstore.cluster.coordinator;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The live workers of a store as the coordinator hears them. Not kept by servers: another coordinator hears them anew. */
final class Sessions<R> {

    /** One life of a worker. */
    static final class Session<R> {
        final String worker;
        final long incarnation;
        final long client;
        private R address;
        private long heard;
        private long arrived;
        /** The configuration that it waits for, or 0. */
        private long openCall;

        private Session(Seat seat, long now) {
            this.worker = seat.member().name();
            this.incarnation = seat.member().incarnation();
            this.client = seat.client();
            this.heard = now;
        }

        /** Where to answer, or null before its first request. */
        R address() {
            return address;
        }

        /** @return whether it had said so before */
        boolean arriveAt(long barrier) {
            boolean before = arrived >= barrier;
            arrived = Math.max(arrived, barrier);
            return before;
        }

        long arrived() {
            return arrived;
        }

        void opened(long call) {
            openCall = call;
        }

        long openCall() {
            return openCall;
        }
    }

    private final Map<String, Session<R>> sessions = new TreeMap<>();

    /** Starts a session for each live member that has none, and ends and returns those of other lives. */
    List<Session<R>> follow(StoreRecord record, long now) {
        List<Session<R>> ended = new ArrayList<>();
        sessions.values().removeIf(session -> {
            boolean over = !record.isLive(session.worker, session.incarnation);
            if (over) {
                ended.add(session);
            }
            return over;
        });
        for (Seat seat : record.seats()) {
            if (seat.member().live()) {
                sessions.computeIfAbsent(seat.member().name(), name -> new Session<>(seat, now));
            }
        }
        return ended;
    }

    /** The session of a live worker that was just heard. */
    Session<R> heard(String worker, R address, long now) {
        Session<R> session = sessions.get(worker);
        session.address = address;
        session.heard = now;
        return session;
    }

    Collection<Session<R>> all() {
        return sessions.values();
    }

    /** Those not heard since {@code time}. */
    List<Session<R>> silentSince(long time) {
        return sessions.values().stream()
                .filter(session -> session.heard < time)
                .toList();
    }

    /** Time in which the coordinator itself stood still is nobody's silence. */
    void forgive(long millis) {
        sessions.values().forEach(session -> session.heard += millis);
    }

    /** The last barrier that all live members of {@code record} have come to, or -1. */
    long arrivedByAll(StoreRecord record) {
        return record.live().stream()
                .mapToLong(member -> {
                    Session<R> session = sessions.get(member.name());
                    return session == null || session.incarnation != member.incarnation() ? -1 : session.arrived;
                })
                .min()
                .orElse(-1);
    }

    /** The live members that have not come to {@code barrier}. */
    List<Member> missingAt(long barrier, StoreRecord record) {
        return record.live().stream()
                .filter(member -> sessions.get(member.name()).arrived < barrier)
                .toList();
    }
}
