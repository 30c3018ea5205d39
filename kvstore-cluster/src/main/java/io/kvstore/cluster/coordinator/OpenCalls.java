package io.kvstore.cluster.coordinator;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.cluster.coordinator.WorkerRequest.Configure;
import io.kvstore.cluster.coordinator.WorkerRequest.CountDead;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * A member's requests that have not been answered. Barriers go together, as who has come to one has come to all before
 * it; configurations and commands go one after the other.
 */
final class OpenCalls {
    private final NavigableMap<Long, Asked<Void>> barriers = new TreeMap<>();
    private final Deque<Asked<Configuration>> configurations = new ArrayDeque<>();
    private final Deque<Asked<List<CommandOutcome>>> commands = new ArrayDeque<>();
    private final NavigableMap<Long, Asked<Integer>> counts = new TreeMap<>();
    private Asked<Void> leaving;

    Asked<Void> enter(long barrier, long call, long now) {
        Asked<Void> asked = new Asked<>(call, new WorkerRequest.Enter(barrier), "barrier " + barrier, now);
        barriers.put(barrier, asked);
        return asked;
    }

    Asked<Configuration> configure(Configure ask, long call, long now) {
        Asked<Configuration> asked = new Asked<>(call, ask, "a configuration", now);
        configurations.add(asked);
        return asked;
    }

    Asked<List<CommandOutcome>> command(WorkerRequest.Command ask, long call, long now) {
        Asked<List<CommandOutcome>> asked = new Asked<>(call, ask, "command " + ask.head(), now);
        commands.add(asked);
        return asked;
    }

    Asked<Integer> count(CountDead ask, long call, long now) {
        Asked<Integer> asked = new Asked<>(call, ask, "a count of dead nodes", now);
        counts.put(call, asked);
        return asked;
    }

    Asked<Void> leave(long call, long now) {
        if (leaving == null) {
            leaving = new Asked<>(call, new WorkerRequest.Leave(), "leaving", now);
        }
        return leaving;
    }

    boolean isLeaving() {
        return leaving != null;
    }

    /** What a member is to send. */
    List<Asked<?>> ofMember() {
        List<Asked<?>> asked = new ArrayList<>();
        if (!barriers.isEmpty()) {
            asked.add(barriers.lastEntry().getValue());
        }
        if (!configurations.isEmpty()) {
            asked.add(configurations.peek());
        }
        if (!commands.isEmpty()) {
            asked.add(commands.peek());
        }
        if (leaving != null) {
            asked.add(leaving);
        }
        return asked;
    }

    /** What anybody may send. */
    List<Asked<?>> ofAnybody() {
        return List.copyOf(counts.values());
    }

    void released(long barrier) {
        NavigableMap<Long, Asked<Void>> passed = barriers.headMap(barrier, true);
        List<Asked<Void>> answered = List.copyOf(passed.values());
        passed.clear();
        answered.forEach(each -> each.answer.complete(null));
    }

    void configured(long call, long version) {
        Asked<Configuration> asked = configurations.peek();
        if (asked != null && asked.call == call) {
            configurations.remove();
            asked.answer.complete(new Configuration(version, ((Configure) asked.ask()).content()));
        }
    }

    void ran(WorkerReply.CommandRan ran) {
        Asked<List<CommandOutcome>> asked = commands.peek();
        if (asked != null && asked.call == ran.call()) {
            asked.outcomes.put(ran.outcome().server(), ran.outcome());
            if (asked.outcomes.size() >= ran.servers()) {
                commands.remove();
                asked.answer.complete(List.copyOf(asked.outcomes.values()));
            }
        }
    }

    void counted(long call, int dead) {
        Asked<Integer> asked = counts.remove(call);
        if (asked != null) {
            asked.answer.complete(dead);
        }
    }

    /** The worker is a member no more. */
    void left() {
        Asked<Void> asked = leaving;
        leaving = null;
        if (asked != null) {
            asked.answer.complete(null);
        }
    }

    void refused(long call, KVStoreException problem) {
        for (Asked<?> each : all()) {
            if (each.call == call) {
                configurations.remove(each);
                commands.remove(each);
                counts.remove(call);
                each.answer.completeExceptionally(problem);
            }
        }
    }

    void explain(long call, String text) {
        all().stream().filter(each -> each.call == call).forEach(each -> each.explain(text));
    }

    /** The counts that were asked for before {@code time}. */
    List<Asked<Integer>> countsBefore(long time) {
        return counts.values().stream().filter(each -> each.since < time).toList();
    }

    /** Everything is to be sent again at once. */
    void hurry() {
        all().forEach(Asked::hurry);
    }

    void close(String message) {
        List<Asked<?>> open = all();
        barriers.clear();
        configurations.clear();
        commands.clear();
        counts.clear();
        leaving = null;
        open.forEach(each -> each.answer.completeExceptionally(new KVStoreException(Reason.CLOSED, message)));
    }

    List<Asked<?>> all() {
        List<Asked<?>> all = new ArrayList<>(barriers.values());
        all.addAll(configurations);
        all.addAll(commands);
        all.addAll(counts.values());
        if (leaving != null) {
            all.add(leaving);
        }
        return all;
    }
}
