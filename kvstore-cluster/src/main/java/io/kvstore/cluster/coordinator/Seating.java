package io.kvstore.cluster.coordinator;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Gives workers their ranks. A name keeps its rank; a new one takes the lowest rank that nobody has had, and failing that
 * the lowest whose worker is dead or gone.
 */
final class Seating {
    /** So that worker-2 comes before worker-10; the nameless last. */
    private static final Comparator<Candidate> ORDER = Comparator.<Candidate, Boolean>comparing(
                    each -> each.name().isEmpty())
            .thenComparing(each -> each.name().length())
            .thenComparing(Candidate::name)
            .thenComparing(Candidate::client);

    /**
     * A worker that wants to be registered.
     *
     * @param name may be empty
     * @param client the worker's process
     * @param call the process's request
     */
    record Candidate(String name, long client, long call, Memory memory) {}

    private final StoreRecord record;
    private final int workers;
    private final List<Candidate> candidates;
    private final List<Seat> others;
    private final Map<Integer, Seat> seats = new TreeMap<>();

    private Seating(StoreRecord record, int workers, List<Candidate> candidates) {
        this.record = record;
        this.workers = workers;
        this.candidates = candidates.stream().sorted(ORDER).toList();
        Set<String> names = new HashSet<>();
        candidates.forEach(each -> names.add(each.name()));
        this.others = record.seats().stream()
                .filter(seat -> !names.contains(seat.member().name()))
                .toList();
    }

    /** Whether a worker of this name, or of no name, can be registered: replacing nobody alive but itself. */
    static boolean hasPlace(StoreRecord record, int workers, String name) {
        return record.live().size() < workers
                || record.seat(name).filter(seat -> seat.member().live()).isPresent();
    }

    /**
     * The record with {@code candidates} registered, all with one new incarnation.
     *
     * @param candidates each of which {@link #hasPlace}, together with the others
     */
    static StoreRecord seat(StoreRecord record, int workers, List<Candidate> candidates) {
        return new Seating(record, workers, candidates).seated();
    }

    private StoreRecord seated() {
        long incarnation = record.lastIncarnation();
        for (Candidate each : candidates) {
            incarnation = Math.max(incarnation, each.memory().incarnation());
        }
        incarnation++;
        others.stream()
                .filter(seat -> seat.member().live())
                .forEach(seat -> seats.put(seat.member().rank(), seat));
        for (Candidate each : withoutOldRank(incarnation)) {
            sit(each, freeRank(), incarnation);
        }
        others.stream()
                .filter(seat -> seat.member().rank() < workers)
                .forEach(seat -> seats.putIfAbsent(seat.member().rank(), seat));
        return restored(record.seated(workers, incarnation, List.copyOf(seats.values())));
    }

    /** Gives their old ranks to those who had one that is free, and returns the others. */
    private List<Candidate> withoutOldRank(long incarnation) {
        List<Candidate> others = new ArrayList<>();
        for (Candidate each : candidates) {
            int rank = record.seat(each.name())
                    .map(seat -> seat.member().rank())
                    .orElse(each.memory().rank());
            if (rank >= 0 && rank < workers && !seats.containsKey(rank)) {
                sit(each, rank, incarnation);
            } else {
                others.add(each);
            }
        }
        return others;
    }

    private void sit(Candidate candidate, int rank, long incarnation) {
        String name = candidate.name().isEmpty() ? unusedName(rank) : candidate.name();
        Member member = new Member(name, rank, incarnation, Member.State.LIVE);
        seats.put(rank, new Seat(member, candidate.client(), candidate.call(), 0, 0));
    }

    private int freeRank() {
        Set<Integer> remembered = new HashSet<>();
        others.forEach(seat -> remembered.add(seat.member().rank()));
        return IntStream.range(0, workers)
                .filter(rank -> !seats.containsKey(rank))
                .boxed()
                .min(Comparator.comparing((Integer rank) -> remembered.contains(rank))
                        .thenComparing(rank -> rank))
                .orElseThrow();
    }

    private String unusedName(int rank) {
        Set<String> used = new HashSet<>();
        candidates.forEach(each -> used.add(each.name()));
        record.seats().forEach(seat -> used.add(seat.member().name()));
        seats.values().forEach(seat -> used.add(seat.member().name()));
        int number = rank;
        while (used.contains("worker-" + number)) {
            number++;
        }
        return "worker-" + number;
    }

    /** What the workers of a store that no server knows any more remember of it is in force again. */
    private StoreRecord restored(StoreRecord seated) {
        if (record.epoch() > 0) {
            return seated;
        }
        StoreRecord restored = seated;
        for (Candidate each : candidates) {
            Memory memory = each.memory();
            if (memory.configuration().version() > restored.configuration().version()) {
                restored = restored.configured(memory.configuration());
            }
            if (memory.released() > restored.released()) {
                restored = restored.released(memory.released());
            }
        }
        return restored;
    }
}
