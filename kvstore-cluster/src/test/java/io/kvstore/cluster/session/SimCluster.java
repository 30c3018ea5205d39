package io.kvstore.cluster.session;

import com.typesafe.config.ConfigFactory;
import io.kvstore.KVStoreSettings;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyConfig;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.Member;
import io.kvstore.actor.Membership;
import io.kvstore.actor.Part;
import io.kvstore.actor.PartMail;
import io.kvstore.actor.RoundTerms;
import io.kvstore.optimizer.Optimizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Servers, the placement of parts and the coordinator, as the sessions of a simulation meet them: servers are lost and come
 * back empty, what the coordinator says reaches every node at another time.
 */
final class SimCluster {
    private static final KVStoreSettings SETTINGS = KVStoreSettings.of(ConfigFactory.load());
    private static final long FAILURE_NOTICED_NANOS = TimeUnit.SECONDS.toNanos(6);
    private static final long FIRST_MILLIS = 1_700_000_000_000L;

    /** Where a session and one of its requests are. */
    private record Caller(SimWorker worker, int life, long id) {}

    private final Consumer<Supplier<String>> log;
    final Events events = new Events();
    final Chance chance;
    final SimNet net;
    final RoundTerms terms;
    private final List<SimServer> servers = new ArrayList<>();
    private final List<SimWorker> workers = new ArrayList<>();
    private final Map<Part, SimNode> homes = new HashMap<>();
    private final Map<SimNode, Long> lostAt = new HashMap<>();
    private final Map<Long, Caller> callers = new HashMap<>();
    private final List<KeyConfig> configs = new ArrayList<>();
    private final List<Member> members = new ArrayList<>();
    private final Set<Long> left = new HashSet<>();
    private Membership membership = Membership.NONE;
    private int expected;
    private long lastIncarnation;
    private boolean complete;
    private long calls;
    private int lives;

    SimCluster(Chance chance, Consumer<Supplier<String>> log) {
        this.log = log;
        this.chance = chance;
        this.net = new SimNet(events, chance);
        this.terms = new RoundTerms(chance.inRounds(), chance.byRank(), chance.failRounds(), chance.heldBytes());
        for (int place = 0; place < chance.servers(); place++) {
            servers.add(server(place));
        }
        configs.add(chance.assign() ? KeyConfig.ASSIGN : config(0));
        servers.forEach(this::tellConfigs);
    }

    private SimServer server(int place) {
        long skew =
                chance.skewMillis() == 0 ? 0 : chance.random().nextInt(2 * chance.skewMillis()) - chance.skewMillis();
        return new SimServer(
                new SimNode(place, lives++),
                SETTINGS,
                terms,
                () -> FIRST_MILLIS + skew + TimeUnit.NANOSECONDS.toMillis(events.now()),
                this::post,
                this::later);
    }

    /** A timer of a server, which ends with it. */
    private void later(SimServer server, long millis, Supplier<List<KeyReply>> work) {
        events.in(TimeUnit.MILLISECONDS.toNanos(millis), () -> {
            if (servers.contains(server)) {
                reply(work.get());
            }
        });
    }

    /** What one part tells another of its key goes to wherever that lives. */
    private void post(Part to, PartMail mail) {
        net.send(() -> {
            SimNode home = home(to);
            SimServer server = alive(home);
            if (server != null) {
                if (!server.has(to)) {
                    server.start(to);
                }
                log(() -> "  " + home + " gets " + to + " " + mail);
                reply(server.deliver(to, mail));
            }
        });
    }

    /** Where a part lives, or lived until just now; a part that lives nowhere gets a home. */
    private SimNode home(Part part) {
        SimNode home = homes.get(part);
        if (home == null || alive(home) == null && events.now() - lostAt.get(home) > FAILURE_NOTICED_NANOS) {
            home = servers.get(Math.floorMod(part.hashCode() + lives, servers.size()))
                    .node();
            homes.put(part, home);
        }
        return home;
    }

    private KeyConfig config(int index) {
        Optimizer rule = Optimizer.of(
                chance.summing() ? "summing" : "test", Map.of("rescale_grad", (double) Ledger.MARKS.get(index)));
        return new KeyConfig(index + 1, rule, null);
    }

    List<SimServer> servers() {
        return servers;
    }

    void add(SimWorker worker) {
        workers.add(worker);
    }

    /** So many workers are waited for. */
    void expect(int count) {
        expected = count;
    }

    void log(Supplier<String> line) {
        log.accept(() -> String.format("%9.3f ", events.now() / 1e6) + line.get());
    }

    // ------------------------------------------------------------------ messages

    /** A session sends a command; it leaves a little later. */
    void send(SimWorker worker, SimNode to, long id, Part part, KeyCommand command) {
        int life = worker.life();
        log(() -> worker.name() + "#" + id + " sends to " + to + " " + part + " " + command);
        events.in(chance.millis(2), () -> {
            KeyCommand written = SimNet.write(command);
            long call = ++calls;
            callers.put(call, new Caller(worker, life, id));
            net.send(() -> arrive(to, call, part, written));
            noticeSilence(worker, to);
        });
    }

    private void noticeSilence(SimWorker worker, SimNode to) {
        if (alive(to) == null) {
            events.in(TimeUnit.SECONDS.toNanos(10), () -> worker.dead(to));
        }
    }

    private SimServer alive(SimNode node) {
        return servers.stream()
                .filter(each -> each.node().equals(node))
                .findFirst()
                .orElse(null);
    }

    private void arrive(SimNode to, long call, Part part, KeyCommand command) {
        SimServer server = alive(to);
        if (server == null) {
            return;
        }
        if (!server.has(part)) {
            Caller caller = callers.get(call);
            net.send(() -> caller.worker.notHere(caller.life, caller.id));
            return;
        }
        log(() -> "  " + to + " gets " + call + " " + part + " " + command);
        reply(server.deliver(part, call, SimNet.read(command, server.pool())));
    }

    private void reply(List<KeyReply> replies) {
        for (KeyReply reply : replies) {
            Caller caller = callers.get(reply.id());
            log(() -> "    reply to " + caller.worker.name() + "#" + caller.id + " " + reply);
            events.in(chance.millis(2), () -> {
                KeyReply written = SimNet.write(reply);
                net.send(() -> caller.worker.reply(caller.life, caller.id, written));
            });
        }
    }

    /** A session asks where a part lives; a part that lives nowhere gets a home. */
    void locate(SimWorker worker, Part part) {
        net.send(() -> {
            SimNode home = home(part);
            SimServer server = alive(home);
            if (server == null) {
                return; // nobody knows yet that it is lost
            }
            if (!server.has(part)) {
                server.start(part);
            }
            net.send(() -> worker.located(part, home));
        });
    }

    // ------------------------------------------------------------------ the coordinator

    /** A session registers under the worker's name; its earlier life is over. */
    void register(SimWorker worker) {
        int life = worker.life();
        events.in(chance.millis(30), () -> {
            if (worker.life() != life || worker.ended()) {
                return;
            }
            int rank = workers.indexOf(worker);
            members.removeIf(each -> each.rank() == rank);
            members.add(new Member(worker.name(), ++lastIncarnation, rank));
            complete |= members.size() == expected; // nobody begins before all are there
            if (complete) {
                change();
            }
        });
    }

    /** The worker was silent for too long. */
    void closeIncarnation(SimWorker worker) {
        if (complete && members.removeIf(each -> each.worker().equals(worker.name()))) {
            change();
        }
    }

    void leave(SimWorker worker) {
        members.stream()
                .filter(each -> each.worker().equals(worker.name()))
                .forEach(each -> left.add(each.incarnation()));
        closeIncarnation(worker);
    }

    boolean isMember(SimWorker worker, long incarnation) {
        return members.stream()
                .anyMatch(each -> each.worker().equals(worker.name()) && each.incarnation() == incarnation);
    }

    private void change() {
        membership = new Membership(membership.epoch() + 1, lastIncarnation, members, left);
        Membership told = membership;
        log(() -> "" + told);
        for (SimServer server : servers) {
            events.in(delay(), () -> tell(server, told));
        }
        for (SimWorker worker : workers) {
            events.in(delay(), () -> worker.membership(told));
        }
    }

    private long delay() {
        return chance.millis(chance.percent(chance.stray()) ? 3_000 : 20);
    }

    private void tell(SimServer server, Membership told) {
        if (servers.contains(server)) {
            reply(server.membership(told));
        }
    }

    /** Changes the optimizer, if there is one and another is left; workers learn of it when all servers have it. */
    void reconfigure() {
        if (chance.assign() || configs.size() == Ledger.MARKS.size()) {
            return;
        }
        KeyConfig next = config(configs.size());
        configs.add(next);
        servers.forEach(server -> events.in(chance.millis(20), () -> tellConfigs(server)));
        workers.forEach(worker -> events.in(chance.millis(500), () -> worker.config(next.version())));
    }

    private void tellConfigs(SimServer server) {
        for (KeyConfig each : configs) {
            reply(server.configure(each));
        }
    }

    long configVersion() {
        return configs.get(configs.size() - 1).version();
    }

    // ------------------------------------------------------------------ faults

    /** A server is lost with all that it has; another life of it starts empty. */
    void loseServer() {
        SimServer lost = chance.one(servers);
        SimServer next = server(lost.node().place());
        servers.set(servers.indexOf(lost), next);
        lostAt.put(lost.node(), events.now());
        for (SimWorker worker : workers) {
            worker.mayMiss(lost.node());
        }
        events.in(chance.millis(50), () -> {
            if (servers.contains(next)) {
                tellConfigs(next);
                tell(next, membership);
            }
        });
    }

    /** A part's actor fails and starts again from its record. */
    void restartPart() {
        SimServer server = chance.one(servers);
        if (!server.parts().isEmpty()) {
            reply(server.restart(chance.one(server.parts())));
        }
    }
}
