package io.kvstore.cluster.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;

/** A server of a simulated cluster: a view, and at times the coordinator. */
final class SimServer implements StoreListener, ViewCore.Effects<SimServer>, CoordinatorCore.Effects<SimWorker> {
    final Server id;
    final long joined;
    final SimNode node;

    private final Simulation sim;
    private final ViewCore<SimServer> view;
    private final Set<Server> up = new TreeSet<>();
    private CoordinatorCore<SimWorker> coordinator;
    private long epoch;
    private long version = -1;

    SimServer(Simulation sim, int number) {
        this.sim = sim;
        this.id = new Server("server-" + number, sim.random.nextLong());
        this.joined = sim.time.now();
        this.node = new SimNode(sim);
        this.view = new ViewCore<>(id, this, this);
        node.every(200, now -> {
            if (coordinator != null) {
                coordinator.tick(now);
            }
        });
    }

    boolean coordinates() {
        return coordinator != null;
    }

    boolean leads() {
        return coordinator != null && coordinator.leads();
    }

    void startCoordinator() {
        coordinator = new CoordinatorCore<>(
                id, sim.random.nextLong(), 1 + sim.random.nextInt(3), Simulation.SETTINGS, this, sim.time.now());
        coordinator.serversChanged(up, List.of(), sim.time.now());
    }

    void stopCoordinator() {
        coordinator = null;
    }

    /** What the cluster says. */
    void members(Collection<Server> members, Collection<String> lost) {
        up.clear();
        up.addAll(members);
        view.serversChanged(up, lost);
        if (coordinator != null) {
            coordinator.serversChanged(up, lost, sim.time.now());
        }
    }

    /** A worker's request came to this node's door. */
    void onRequest(SimWorker from, WorkerRequest request) {
        if (coordinator != null) {
            coordinator.onRequest(from, request, sim.time.now());
        } else {
            sim.coordinatorFor(this)
                    .ifPresent(other -> sim.send(node, other.node, () -> other.onRequest(from, request)));
        }
    }

    long version() {
        return version;
    }

    @Override
    public void membersChanged(String store, Membership membership) {
        assertThat(membership.epoch()).as("epoch on %s", id).isGreaterThan(epoch);
        epoch = membership.epoch();
        sim.history.check(membership);
    }

    @Override
    public void configChanged(String store, Configuration configuration) {
        if (version >= 0 && sim.membersNow().contains(this)) {
            assertThat(configuration.version())
                    .as("no version is missed on %s", id)
                    .isEqualTo(version + 1);
        }
        version = configuration.version();
        sim.history.check(configuration);
    }

    @Override
    public CompletionStage<String> runCommand(String store, CommandKind kind, int head, String body) {
        throw new UnsupportedOperationException("a simulated view runs commands itself");
    }

    @Override
    public void run(ViewRequest.Run command) {
        sim.history.ran(id.address(), command.body());
        node.in(sim.random.nextInt(300), () -> view.ran(command, new CommandOutcome(id.address(), "done", "")));
    }

    @Override
    public void reply(SimServer to, ViewReply reply) {
        sim.send(node, to.node, () -> {
            if (to.coordinator != null) {
                to.coordinator.onReply(reply, sim.time.now());
            }
        });
    }

    @Override
    public void toWorker(SimWorker worker, WorkerReply reply) {
        sim.send(node, worker.node, () -> worker.onReply(reply));
    }

    @Override
    public void toServer(Server server, ViewRequest request) {
        if (request.order() instanceof ViewRequest.Write write && write.effective()) {
            sim.history.inForce(write.record());
        }
        SimServer to = sim.server(server);
        sim.send(node, to.node, () -> to.view.onRequest(this, request));
    }
}
