package io.kvstore.cluster.coordinator;

import io.kvstore.cluster.coordinator.WorkerReply.Answer;
import io.kvstore.cluster.coordinator.WorkerReply.Registered;
import io.kvstore.cluster.coordinator.WorkerReply.Ticket;
import io.kvstore.cluster.coordinator.WorkerRequest.Ask;
import io.kvstore.cluster.coordinator.WorkerRequest.Heartbeat;
import io.kvstore.cluster.coordinator.WorkerRequest.Register;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;

/** A coordinator and the views of some servers, whose messages arrive when the test says so, unless a server is cut off. */
final class CoreLab {
    static final CoordinatorSettings SETTINGS = new CoordinatorSettings(10_000, 1_000, 500);

    /** What a worker's address was told. */
    private record Told(String worker, WorkerReply reply) {}

    final List<Server> servers = new ArrayList<>();
    final Set<Server> cutOff = new HashSet<>();
    long now;

    private final Map<Server, ViewCore<CoordinatorCore<String>>> views = new TreeMap<>();
    private final Map<Server, RecordingListener> listeners = new TreeMap<>();
    private final Queue<Runnable> messages = new ArrayDeque<>();
    private final List<Told> told = new ArrayList<>();
    private CoordinatorCore<String> core;

    CoreLab(int count) {
        for (int i = 0; i < count; i++) {
            addServer();
        }
        startCoordinator(1);
        deliver();
    }

    private Server addServer() {
        Server server = new Server("server-" + views.size(), views.size());
        RecordingListener listener = new RecordingListener();
        servers.add(server);
        listeners.put(server, listener);
        views.put(server, new ViewCore<>(server, listener, new ViewCore.Effects<>() {
            @Override
            public void reply(CoordinatorCore<String> coordinator, ViewReply reply) {
                send(server, () -> coordinator.onReply(reply, now));
            }

            @Override
            public void run(ViewRequest.Run command) {
                listener.runCommand(command.store(), command.kind(), command.head(), command.body());
                views.get(server).ran(command, new CommandOutcome(server.address(), "done", ""));
            }
        }));
        views.values().forEach(view -> view.serversChanged(servers, List.of()));
        return server;
    }

    /** Another server comes, and is not heard until it is let. */
    void joinCutOff() {
        cutOff.add(addServer());
        core.serversChanged(servers, List.of(), now);
    }

    /** Another coordinator, over the servers that are left, with a greater term than any before. */
    CoordinatorCore<String> startCoordinator(long term) {
        Effects effects = new Effects();
        core = new CoordinatorCore<>(servers.get(0), term, term, SETTINGS, effects, now);
        effects.self = core;
        core.serversChanged(servers, List.of(), now);
        return core;
    }

    private final class Effects implements CoordinatorCore.Effects<String> {
        private CoordinatorCore<String> self;

        @Override
        public void toWorker(String worker, WorkerReply reply) {
            told.add(new Told(worker, reply));
        }

        @Override
        public void toServer(Server server, ViewRequest request) {
            send(server, () -> views.get(server).onRequest(self, request));
        }
    }

    CoordinatorCore<String> core() {
        return core;
    }

    RecordingListener listener(int server) {
        return listeners.get(servers.get(server));
    }

    /** A server is gone for good. */
    void lose(int server) {
        Server lost = servers.remove(server);
        cutOff.add(lost);
        views.values().forEach(view -> view.serversChanged(servers, List.of(lost.address())));
        core.serversChanged(servers, List.of(lost.address()), now);
    }

    private void send(Server server, Runnable message) {
        if (!cutOff.contains(server)) {
            messages.add(message);
        }
    }

    /** Lets all messages arrive. */
    void deliver() {
        while (!messages.isEmpty()) {
            messages.remove().run();
        }
    }

    /** Lets time go by, in the steps of the coordinator's clock. */
    void pass(long millis) {
        for (long end = now + millis; now < end; ) {
            now += 100;
            core.tick(now);
            deliver();
        }
    }

    void ask(String store, String worker, long incarnation, long client, long call, Ask ask) {
        core.onRequest(worker, new WorkerRequest(store, worker, incarnation, client, call, 0, ask), now);
        deliver();
    }

    /** Asks to be registered, with the ticket that is given. */
    void register(String store, String worker, int workers, long client, long call, Memory memory) {
        told.clear();
        ask(store, worker, 0, client, call, new Register(-1, workers, memory));
        List<Ticket> tickets = all(worker, Ticket.class);
        if (!tickets.isEmpty()) {
            ask(store, worker, 0, client, call, new Register(tickets.get(0).ticket(), workers, memory));
        }
    }

    /** A life that begins at once. */
    Registered registered(String store, String worker, int workers, long client) {
        register(store, worker, workers, client, 1, Memory.NONE);
        return last(worker, Registered.class);
    }

    void heartbeat(String store, String worker, long incarnation, long client) {
        ask(store, worker, incarnation, client, 0, new Heartbeat(0));
    }

    /** The last answer of a kind that a worker was given. */
    <T extends Answer> T last(String worker, Class<T> kind) {
        List<T> all = all(worker, kind);
        if (all.isEmpty()) {
            throw new AssertionError("no " + kind.getSimpleName() + " for " + worker + ": " + told);
        }
        return all.get(all.size() - 1);
    }

    <T extends Answer> List<T> all(String worker, Class<T> kind) {
        return told.stream()
                .filter(each -> each.worker.equals(worker) && kind.isInstance(each.reply.answer()))
                .map(each -> kind.cast(each.reply.answer()))
                .toList();
    }

    List<Long> terms(String worker) {
        return told.stream()
                .filter(each -> each.worker.equals(worker))
                .map(each -> each.reply.term())
                .toList();
    }

    void forget() {
        told.clear();
    }
}
