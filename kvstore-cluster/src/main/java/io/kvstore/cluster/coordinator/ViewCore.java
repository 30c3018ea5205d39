package io.kvstore.cluster.coordinator;

import io.kvstore.cluster.coordinator.ViewReply.Report;
import io.kvstore.cluster.coordinator.ViewRequest.Prepare;
import io.kvstore.cluster.coordinator.ViewRequest.Run;
import io.kvstore.cluster.coordinator.ViewRequest.Write;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A server's part of what the coordinator decides, without Akka: it keeps the newest record of each store, tells the
 * node's keys of those in force, and runs commands once. Not thread-safe.
 *
 * @param <R> where a coordinator is answered
 */
final class ViewCore<R> {

    /** What a view does to the world. */
    interface Effects<R> {
        void reply(R coordinator, ViewReply reply);

        /** Runs a command; answered by {@link #ran}. */
        void run(Run command);
    }

    /** A store as this server has it: the newest record, and what is in force. */
    private static final class Held {
        private StoreRecord kept;
        private StoreRecord effective;
    }

    /** A worker's last command. */
    private static final class Last<R> {
        private final Run run;
        private CommandOutcome outcome;
        private R asker;
        private Ballot ballot;

        private Last(Run run) {
            this.run = run;
        }
    }

    /** Bytes of records in one part of a promise. */
    private static final int PART_BYTES = 64 * 1024;

    private final Server self;
    private final StoreListener listener;
    private final Effects<R> effects;
    private final Map<String, Held> stores = new TreeMap<>();
    private final Map<String, Map<String, Last<R>>> commands = new HashMap<>();
    private final Set<Server> servers = new TreeSet<>();
    private final Set<String> gone = new TreeSet<>();
    private Ballot promised = Ballot.NONE;

    ViewCore(Server self, StoreListener listener, Effects<R> effects) {
        this.self = self;
        this.listener = listener;
        this.effects = effects;
    }

    /** The servers that are up are {@code up}; of those missing since, {@code lost} did not leave in good order. */
    void serversChanged(Collection<Server> up, Collection<String> lost) {
        servers.clear();
        servers.addAll(up);
        if (gone.size() < Limits.LOST_SERVERS) {
            gone.addAll(lost);
        }
        up.forEach(server -> gone.remove(server.address()));
    }

    void onRequest(R from, ViewRequest request) {
        if (!servers.contains(request.from())) {
            return; // taken out of the cluster, and does not know it yet; or new, and will ask again
        }
        if (!request.ballot().isHeardAfter(promised)) {
            reply(from, request.ballot(), new ViewReply.Outbid(promised));
            return;
        }
        promised = request.ballot();
        if (request.order() instanceof Prepare) {
            onPrepare(from);
        } else if (request.order() instanceof Write write) {
            onWrite(from, write);
        } else if (request.order() instanceof Run run) {
            onRun(from, run);
        }
    }

    /** The command has run. */
    void ran(Run run, CommandOutcome outcome) {
        Last<R> last = commandsOf(run.store()).get(run.worker());
        if (last != null && last.run == run) {
            last.outcome = outcome;
            answer(last);
        }
    }

    private void onPrepare(R from) {
        List<List<StoreRecord>> parts = new ArrayList<>();
        int bytes = PART_BYTES;
        for (Held each : stores.values()) {
            bytes += ViewCodec.sizeOf(each.kept);
            if (bytes > PART_BYTES) {
                parts.add(new ArrayList<>());
                bytes = ViewCodec.sizeOf(each.kept);
            }
            parts.get(parts.size() - 1).add(each.kept);
        }
        if (parts.isEmpty()) {
            parts.add(List.of());
        }
        for (int part = 0; part < parts.size(); part++) {
            Collection<String> lost = part == 0 ? gone : List.of();
            reply(from, promised, new ViewReply.Promised(part, parts.size(), parts.get(part), List.copyOf(lost)));
        }
    }

    private void onWrite(R from, Write write) {
        StoreRecord record = write.record();
        Held held = stores.computeIfAbsent(record.store(), store -> new Held());
        if (held.kept == null || record.supersedes(held.kept)) {
            held.kept = record;
        }
        if (write.effective() && (held.effective == null || record.supersedes(held.effective))) {
            StoreRecord before = held.effective;
            held.effective = record;
            tell(before, record);
        }
        reply(from, promised, new ViewReply.Wrote(record.store(), record.revision(), write.effective()));
    }

    private void tell(StoreRecord before, StoreRecord record) {
        if (before == null || record.epoch() > before.epoch()) {
            Membership membership = record.membership();
            commandsOf(record.store())
                    .keySet()
                    .removeIf(worker -> membership.member(worker).isEmpty());
            listener.membersChanged(record.store(), membership);
        }
        if (record.configuration().version()
                > (before == null ? 0 : before.configuration().version())) {
            listener.configChanged(record.store(), record.configuration());
        }
    }

    private void onRun(R from, Run run) {
        Map<String, Last<R>> ofStore = commandsOf(run.store());
        Last<R> last = ofStore.get(run.worker());
        boolean repeat = last != null && last.run.client() == run.client() && last.run.call() == run.call();
        if (!repeat && (isLate(run, last) || isClosed(run))) {
            return;
        }
        if (!repeat) {
            last = new Last<>(run);
            ofStore.put(run.worker(), last);
        }
        last.asker = from;
        last.ballot = promised;
        if (!repeat) {
            effects.run(run);
        } else if (last.outcome != null) {
            answer(last);
        }
    }

    private boolean isClosed(Run run) {
        Held held = stores.get(run.store());
        return held != null
                && held.effective != null
                && held.effective.membership().standing(run.worker(), run.incarnation()) == Membership.Standing.CLOSED;
    }

    /** A copy of a command from before the last one. */
    private static boolean isLate(Run run, Last<?> last) {
        return last != null
                && (last.run.client() == run.client()
                        ? run.call() < last.run.call()
                        : run.incarnation() < last.run.incarnation());
    }

    private void answer(Last<R> last) {
        Run run = last.run;
        reply(
                last.asker,
                last.ballot,
                new ViewReply.Ran(run.store(), run.worker(), run.client(), run.call(), last.outcome));
    }

    private Map<String, Last<R>> commandsOf(String store) {
        return commands.computeIfAbsent(store, name -> new TreeMap<>());
    }

    private void reply(R to, Ballot ballot, Report report) {
        effects.reply(to, new ViewReply(ballot, self, report));
    }
}
