package io.kvstore.cluster.coordinator;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Coordinators, views and clients of one store in one thread, with a network that drops, repeats, delays and reorders,
 * processes that die, stand still and come back, and a cluster that takes lost servers out after a while, as a downing
 * provider does: the part that stays is more than half of what was, or half of it with the lowest address.
 */
final class Simulation {
    static final CoordinatorSettings SETTINGS = new CoordinatorSettings(10_000, 1_000, 500);

    /** After which faults end. */
    private static final long FAULTS_END = 45_000;
    /** By which everybody has finished. */
    private static final long LIMIT = 240_000;
    /** The servers that stay are told all there is before the next are lost. */
    private static final long CALM = 8_000;

    final VirtualTime time = new VirtualTime();
    final History history = new History();
    final Random random;
    final int workers;
    final int barriers;

    private final Map<Server, SimServer> servers = new TreeMap<>();
    /** In the order of joining: the first alive hosts the coordinator. */
    private final List<SimServer> members = new ArrayList<>();

    private final List<SimWorker> processes = new ArrayList<>();
    private final double loss;
    private long calmUntil;
    private Throwable failure;
    long handovers;

    Simulation(long seed) {
        random = new Random(seed);
        workers = List.of(1, 2, 3, 7).get(random.nextInt(4));
        barriers = 5 + random.nextInt(40);
        loss = random.nextInt(3) == 0 ? 0 : random.nextDouble() * 0.15;
        int count = List.of(1, 2, 3, 5).get(random.nextInt(4));
        for (int number = 0; number < count; number++) {
            join();
        }
        members.get(0).startCoordinator();
        for (int worker = 0; worker < workers; worker++) {
            String name = "worker-" + worker;
            time.in(random.nextInt(3_000), () -> processes.add(new SimWorker(this, name)));
        }
        time.in(random.nextInt(5_000), this::fault);
        time.in(FAULTS_END, this::startAllAgain);
    }

    /** Runs until every worker that lives has finished. */
    void run() {
        while (time.now() < FAULTS_END || !finished()) {
            time.step();
            if (failure != null) {
                throw new AssertionError(failure.getMessage(), failure);
            }
            if (time.now() > LIMIT) {
                throw new AssertionError("not finished: " + this);
            }
        }
    }

    /** Sends a message between processes, unless the network fails. */
    void send(SimNode from, SimNode to, Runnable delivery) {
        if (!from.alive() || (from.cutOff || to.cutOff) && from != to) {
            return;
        }
        boolean faulty = from != to && time.now() < FAULTS_END;
        if (faulty && random.nextDouble() < loss) {
            return;
        }
        int copies = faulty && random.nextDouble() < loss ? 2 : 1;
        for (int copy = 0; copy < copies; copy++) {
            boolean late = faulty && random.nextInt(50) == 0;
            to.in(late ? random.nextInt(3_000) : random.nextInt(from == to ? 1 : 10), delivery);
        }
    }

    SimServer server(Server id) {
        return servers.get(id);
    }

    /** The server that runs at an address, if one does. */
    Optional<SimServer> server(String address) {
        return servers.values().stream()
                .filter(each -> each.id.address().equals(address) && each.node.alive())
                .findFirst();
    }

    /** The coordinator as {@code from} knows it. */
    Optional<SimServer> coordinatorFor(SimServer from) {
        return members.contains(from)
                ? members.stream().filter(SimServer::coordinates).findFirst()
                : Optional.empty();
    }

    /** The servers that a worker is told of when it starts. */
    List<String> addresses() {
        return members.stream().map(each -> each.id.address()).toList();
    }

    /** A check failed where nobody sees what is thrown. */
    void fail(Throwable problem) {
        failure = failure == null ? problem : failure;
    }

    Set<SimServer> membersNow() {
        return new HashSet<>(members);
    }

    /** Those that any coordinator has heard of by now. */
    Set<SimServer> knownMembers() {
        return members.stream()
                .filter(each -> each.joined == 0 || time.now() - each.joined > 15_000)
                .collect(Collectors.toSet());
    }

    private boolean finished() {
        boolean waitsForNobody = time.now() > FAULTS_END + 60_000
                && history.newest() != null
                && !history.newest().hasLive(); // who came last, when the others had finished
        return processes.size() >= workers
                && processes.stream()
                        .allMatch(each -> each.done() || !each.node.alive() || waitsForNobody && each.isNew());
    }

    /** Whoever died without having finished comes back. */
    private void startAllAgain() {
        for (String name : processes.stream().map(each -> each.name).distinct().toList()) {
            if (processes.stream().noneMatch(each -> each.name.equals(name) && (each.node.alive() || each.done()))) {
                processes.add(new SimWorker(this, name));
            }
        }
    }

    private void join() {
        SimServer server = new SimServer(this, servers.size());
        servers.put(server.id, server);
        members.add(server);
        tellMembers(List.of());
    }

    private void tellMembers(List<String> lost) {
        List<Server> now = members.stream().map(each -> each.id).toList();
        for (SimServer each : List.copyOf(members)) {
            if (time.now() == 0) {
                each.members(now, lost);
            } else {
                each.node.in(random.nextInt(200), () -> each.members(memberIds(), lost));
            }
        }
    }

    private List<Server> memberIds() {
        return members.stream().map(each -> each.id).toList();
    }

    private void fault() {
        if (time.now() >= FAULTS_END) {
            return;
        }
        switch (random.nextInt(8)) {
            case 0 -> loseServers(false);
            case 1 -> loseServers(true);
            case 2 -> leave();
            case 3 -> join();
            case 4 -> standStill(members.get(random.nextInt(members.size())).node, 4_000);
            case 5 -> killWorker();
            default -> standStill(processes.isEmpty() ? members.get(0).node : anyWorker().node, 20_000);
        }
        time.in(500 + random.nextInt(8_000), this::fault);
    }

    /** Whether another process was started under the name of {@code worker} after it, or lives besides it. */
    boolean hasRival(SimWorker worker) {
        int own = processes.indexOf(worker);
        return processes.stream()
                .filter(each -> each != worker && each.name.equals(worker.name))
                .anyMatch(each -> each.node.alive() || processes.indexOf(each) > own);
    }

    private void standStill(SimNode node, int most) {
        node.standStill(random.nextInt(most));
    }

    private SimWorker anyWorker() {
        return processes.get(random.nextInt(processes.size()));
    }

    /** Kills a worker; mostly it is started again, soon or late. */
    private void killWorker() {
        List<SimWorker> alive =
                processes.stream().filter(each -> each.node.alive()).toList();
        if (alive.size() < 2) {
            return; // somebody trains
        }
        SimWorker worker = alive.get(random.nextInt(alive.size()));
        worker.node.kill();
        if (random.nextInt(4) > 0) {
            time.in(random.nextInt(15_000), () -> processes.add(new SimWorker(this, worker.name)));
        }
    }

    /**
     * Servers die, or are cut off from the others while they live on and hear workers; the part that stays takes them out
     * after a while. Of two cut off, each is alone.
     */
    private void loseServers(boolean cutOff) {
        int most = members.size() >= 5 && random.nextBoolean() ? 2 : 1;
        List<SimServer> staying = new ArrayList<>(members);
        List<SimServer> lost = new ArrayList<>();
        for (int i = 0; i < most; i++) {
            lost.add(staying.remove(random.nextInt(staying.size())));
        }
        if (time.now() < calmUntil || !isKept(staying) || !isKnownToAll(staying)) {
            return;
        }
        calmUntil = time.now() + 4_000 + CALM;
        if (cutOff) {
            lost.forEach(each -> each.node.cutOff = true);
        } else {
            lost.forEach(each -> each.node.kill());
        }
        time.in(1_000 + random.nextInt(3_000), () -> remove(lost, true));
        lost.forEach(each -> time.in(6_000 + random.nextInt(3_000), () -> each.node.cutOff = false));
        lost.forEach(each -> time.in(10_000 + random.nextInt(2_000), each.node::kill));
    }

    private boolean isKept(List<SimServer> staying) {
        Server lowest = members.stream()
                .map(each -> each.id)
                .min(Comparator.naturalOrder())
                .orElseThrow();
        return 2 * staying.size() > members.size()
                || 2 * staying.size() == members.size() && staying.stream().anyMatch(each -> each.id.equals(lowest));
    }

    /** Whether a worker that stood still as long as one may has heard of one of these before. */
    private boolean isKnownToAll(List<SimServer> staying) {
        return staying.stream().anyMatch(each -> each.joined == 0 || time.now() - each.joined > 25_000);
    }

    /** A server leaves in good order. */
    private void leave() {
        SimServer leaving = members.get(random.nextInt(members.size()));
        List<SimServer> staying =
                members.stream().filter(each -> each != leaving).toList();
        if (time.now() < calmUntil || !isKnownToAll(staying)) {
            return;
        }
        calmUntil = time.now() + CALM;
        leaving.stopCoordinator();
        remove(List.of(leaving), false);
        time.in(500, leaving.node::kill);
    }

    private void remove(List<SimServer> gone, boolean lost) {
        boolean coordinator = gone.contains(members.get(0));
        members.removeAll(gone);
        tellMembers(lost ? gone.stream().map(each -> each.id.address()).toList() : List.of());
        if (coordinator) {
            handovers++;
            SimServer next = members.get(0);
            time.in(200 + random.nextInt(1_000), () -> {
                if (members.contains(next) && next.node.alive()) {
                    next.startCoordinator();
                } else {
                    members.get(0).startCoordinator();
                }
            });
        }
    }

    @Override
    public String toString() {
        return time.now() + " ms, " + workers + " workers " + processes + ", servers "
                + members.stream()
                        .map(each -> each.id.address() + (each.leads() ? " leads" : ""))
                        .toList() + ", "
                + history.newest();
    }
}
