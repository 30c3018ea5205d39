package io.kvstore.cluster.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * A worker's process in a simulated cluster. It registers, sets configurations, sends commands and counts the dead as it
 * pleases, passes all barriers up to the last, and leaves.
 */
final class SimWorker implements WorkerListener {
    final String name;
    final SimNode node;
    final long client;

    private final Simulation sim;
    private final ClientCore core;
    private Registration registration;
    private long passed;
    private long entered;
    private boolean done;
    private String doing = "registers";

    SimWorker(Simulation sim, String name) {
        this.sim = sim;
        this.name = name;
        this.node = new SimNode(sim);
        this.client = sim.random.nextLong();
        this.core = new ClientCore(
                new WorkerIdentity("store", name, sim.workers, sim.addresses()),
                client,
                Simulation.SETTINGS,
                this,
                (server, request) ->
                        sim.server(server).ifPresent(to -> sim.send(node, to.node, () -> to.onRequest(this, request))),
                sim.time.now());
        node.every(200, core::tick);
        register();
    }

    boolean done() {
        return done;
    }

    /** Whether it has not become a member yet. */
    boolean isNew() {
        return registration == null;
    }

    void onReply(WorkerReply reply) {
        core.onReply(reply, sim.time.now());
    }

    @Override
    public void closed(long incarnation, Closed why) {
        assertThat(incarnation).isEqualTo(registration.incarnation());
        assertThat(why).as("why %s is closed", name).isIn(Closed.DEAD, Closed.REPLACED);
        if (why == Closed.DEAD) {
            register();
        } else {
            assertThat(sim.hasRival(this))
                    .as("another process has the name of %s", name)
                    .isTrue();
            node.kill();
        }
    }

    @Override
    public void membersChanged(Membership membership) {
        sim.history.check(membership);
    }

    @Override
    public void configChanged(Configuration configuration) {
        sim.history.check(configuration);
    }

    @Override
    public void serversChanged(List<String> servers) {
        assertThat(servers).isNotEmpty();
    }

    private void register() {
        boolean first = registration == null;
        then(core.register(sim.time.now()), registered -> {
            registration = registered;
            sim.history.registered(registered);
            passed = Math.max(passed, registered.releasedBarrier());
            entered = Math.max(entered, passed);
            if (first) {
                node.in(0, this::next);
            }
        });
    }

    private void next() {
        if (passed >= sim.barriers) {
            doing = "leaves";
            then(core.leave(sim.time.now()), nothing -> {
                done = true;
                node.kill();
            });
            return;
        }
        switch (sim.random.nextInt(6)) {
            case 0 -> configure(sim.random.nextInt(3));
            case 1 -> command();
            case 2 -> count();
            default -> enter();
        }
    }

    private void enter() {
        long barrier = ++entered;
        doing = "barrier " + barrier;
        sim.history.entered(client, barrier);
        then(core.barrier(sim.time.now()), nothing -> {
            sim.history.passed(barrier);
            passed = Math.max(passed, barrier);
            later();
        });
    }

    private void configure(int content) {
        doing = "configuration " + content;
        Set<SimServer> before = sim.knownMembers();
        then(core.configure("content " + content, -1, sim.time.now()), set -> {
            sim.history.check(set);
            assertThat(set.content()).isEqualTo("content " + content);
            for (SimServer each : sim.membersNow()) {
                if (before.contains(each)) {
                    assertThat(each.version()).as("version on %s", each.id).isGreaterThanOrEqualTo(set.version());
                }
            }
            later();
        });
    }

    private void command() {
        String body = name + " " + sim.random.nextLong();
        doing = "command " + body;
        Set<SimServer> before = sim.knownMembers();
        then(core.command(CommandKind.CONTROLLER, 1, body, sim.time.now()), outcomes -> {
            Set<String> servers = outcomes.stream().map(CommandOutcome::server).collect(Collectors.toSet());
            assertThat(outcomes).hasSameSizeAs(servers).noneMatch(CommandOutcome::failed);
            servers.forEach(server -> assertThat(sim.history.hasRun(server, body))
                    .as("%s ran on %s", body, server)
                    .isTrue());
            for (SimServer each : sim.membersNow()) {
                if (before.contains(each)) {
                    assertThat(sim.history.hasRun(each.id.address(), body))
                            .as("%s ran on %s", body, each.id)
                            .isTrue();
                }
            }
            later();
        });
    }

    private void count() {
        doing = "counts";
        then(core.countDead(7, sim.time.now()), dead -> {
            assertThat(dead).isNotNegative();
            later();
        });
    }

    /** A future would keep a failed check to itself. */
    private <T> void then(CompletableFuture<T> answer, Consumer<T> action) {
        answer.whenComplete((value, problem) -> {
            try {
                assertThat(problem).isNull();
                action.accept(value);
            } catch (AssertionError | RuntimeException e) {
                sim.fail(e);
            }
        });
    }

    private void later() {
        node.in(sim.random.nextInt(400), this::next);
    }

    @Override
    public String toString() {
        return name + " "
                + (done ? "done" : node.alive() ? doing + " (" + core.waitingFor(sim.time.now()) + ")" : "dead");
    }
}
