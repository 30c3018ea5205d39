package io.kvstore.cluster.coordinator;

import io.kvstore.cluster.coordinator.WorkerRequest.Command;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The commands of a store's workers under way. Each goes to every server that was up when it came, again until the server
 * has reported; servers recognise repeats. A worker has one command at a time.
 */
final class CommandDesk<R> {

    private static final class Running<R> {
        final WorkerRequest request;
        final Set<Server> targets;
        final Map<Server, CommandOutcome> outcomes = new TreeMap<>();
        R address;
        long sent;

        Running(WorkerRequest request, R address, Set<Server> targets) {
            this.request = request;
            this.address = address;
            this.targets = targets;
        }

        boolean isDone() {
            return outcomes.size() == targets.size();
        }

        boolean is(long client, long call) {
            return request.client() == client && request.call() == call;
        }
    }

    private final String store;
    private final Office<R> office;
    private final Map<String, Running<R>> running = new TreeMap<>();

    CommandDesk(String store, Office<R> office) {
        this.store = store;
        this.office = office;
    }

    /** A live worker's command, or a repeat of it. */
    void onCommand(R from, WorkerRequest request, long now) {
        Running<R> last = running.get(request.worker());
        if (last != null && last.is(request.client(), request.call())) {
            last.address = from;
            answer(last);
        } else if (last == null || last.request.client() != request.client() || last.request.call() < request.call()) {
            Running<R> next = new Running<>(request, from, new TreeSet<>(office.servers()));
            running.put(request.worker(), next);
            send(next, now);
        }
    }

    void onRan(Server server, ViewReply.Ran ran) {
        Running<R> command = running.get(ran.worker());
        if (command != null && command.is(ran.client(), ran.call()) && command.targets.contains(server)) {
            command.outcomes.putIfAbsent(server, ran.outcome());
            answer(command);
        }
    }

    /** Sends again what has waited for long. */
    void tick(long now) {
        for (Running<R> each : running.values()) {
            if (now - each.sent >= office.settings().resendAfter()) {
                send(each, now);
            }
        }
    }

    /** Lost servers will not report. */
    void serversChanged() {
        for (Running<R> each : running.values()) {
            if (each.targets.retainAll(office.servers())) {
                each.outcomes.keySet().retainAll(each.targets);
                answer(each);
            }
        }
    }

    /** The commands of those who are not members any more are nobody's. */
    void follow(StoreRecord record) {
        running.keySet()
                .removeIf(worker ->
                        record.seat(worker).filter(seat -> seat.member().live()).isEmpty());
    }

    /** What the commands under way wait for. */
    List<String> explanations() {
        return running.values().stream()
                .filter(each -> !each.isDone())
                .map(this::explanation)
                .toList();
    }

    private void send(Running<R> command, long now) {
        command.sent = now;
        WorkerRequest request = command.request;
        Command asked = (Command) request.ask();
        for (Server server : command.targets) {
            if (!command.outcomes.containsKey(server)) {
                office.order(
                        server,
                        new ViewRequest.Run(
                                store,
                                request.worker(),
                                request.incarnation(),
                                request.client(),
                                request.call(),
                                asked.kind(),
                                asked.head(),
                                asked.body()));
            }
        }
    }

    private void answer(Running<R> command) {
        long call = command.request.call();
        if (!command.isDone()) {
            office.reply(command.address, store, new WorkerReply.Waiting(call, Limits.line(explanation(command))));
            return;
        }
        int servers = command.targets.size();
        for (CommandOutcome outcome : command.outcomes.values()) {
            office.reply(command.address, store, new WorkerReply.CommandRan(call, servers, outcome));
        }
    }

    private String explanation(Running<R> command) {
        Set<Server> silent = new TreeSet<>(command.targets);
        silent.removeAll(command.outcomes.keySet());
        return "a command of " + command.request.worker() + " runs on " + Texts.addresses(silent);
    }
}
