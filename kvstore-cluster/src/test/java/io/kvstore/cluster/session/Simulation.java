package io.kvstore.cluster.session;

import io.kvstore.Key;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.Part;
import io.kvstore.actor.Reading;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** One run of sessions and parts over a simulated network, decided by its seed alone. */
final class Simulation {
    private static final int CELLS = 120;
    private static final long FAULTS_NANOS = TimeUnit.SECONDS.toNanos(15);
    private static final long CALM_NANOS = TimeUnit.SECONDS.toNanos(240);

    private final long seed;
    private final Chance chance;
    private final SimCluster cluster;
    private final Map<LedgerKey, Ledger> ledgers = new LinkedHashMap<>();
    private final List<SimWorker> workers = new ArrayList<>();

    Simulation(long seed) {
        this(seed, line -> {});
    }

    /** @param log gets a line for each message; the same seed gives the same lines */
    Simulation(long seed, Consumer<Supplier<String>> log) {
        this.seed = seed;
        this.chance = Chance.of(seed);
        this.cluster = new SimCluster(chance, log);
        for (int i = 0; i < chance.keys(); i++) {
            LedgerKey key = LedgerKey.of(
                    Key.of("key-" + i),
                    1 + chance.random().nextInt(3),
                    CELLS,
                    chance.random().nextInt(3) == 0);
            ledgers.put(key, new Ledger(key, chance));
        }
        for (int i = 0; i < chance.workers(); i++) {
            workers.add(new SimWorker(cluster, "w" + i, ledgers));
        }
    }

    /** Runs to the end. @throws AssertionError that names the seed, if anything is not as it must be */
    void run() {
        try {
            int early = chance.late() ? Math.max(1, chance.workers() - 1) : chance.workers();
            cluster.expect(early);
            workers.subList(0, early).forEach(SimWorker::start);
            workers.subList(early, workers.size()).forEach(this::startLater);
            for (int i = 0; i < chance.faults(); i++) {
                cluster.events.at((long) (chance.random().nextDouble() * FAULTS_NANOS), this::fault);
            }
            cluster.events.at(FAULTS_NANOS, cluster.net::calm);
            while (!workers.stream().allMatch(SimWorker::ended)) {
                cluster.events.step();
                require(cluster.events.now() < FAULTS_NANOS + CALM_NANOS, "somebody waits for ever");
            }
            long end = cluster.events.now() + TimeUnit.SECONDS.toNanos(30);
            while (cluster.events.stepBefore(end)) {
                // what is still on its way arrives
            }
            readAll();
            ledgers.values().forEach(Ledger::check);
            workers.forEach(SimWorker::close);
            checkMemory();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(
                    "seed " + seed + ", " + chance + ": " + e.getMessage() + "\n"
                            + workers.stream().map(SimWorker::state).toList(),
                    e);
        }
    }

    private void startLater(SimWorker worker) {
        cluster.events.in(chance.millis(5_000), () -> {
            if (worker.life() == 0) {
                worker.start();
            }
        });
    }

    private void fault() {
        SimWorker worker = chance.one(workers);
        int kind = chance.random().nextInt(5);
        cluster.log(() -> "fault " + kind + " " + worker.name());
        switch (kind) {
            case 0 -> worker.pause(chance.millis(4_000));
            case 1 -> {
                if (!worker.ended()) {
                    worker.start();
                }
            }
            case 2 -> cluster.loseServer();
            case 3 -> cluster.restartPart();
            default -> cluster.reconfigure();
        }
    }

    /** What the servers have at the end, as somebody sees it who comes after all others. */
    private void readAll() {
        for (Map.Entry<LedgerKey, Ledger> each : ledgers.entrySet()) {
            LedgerKey key = each.getKey();
            float[] whole = new float[key.slices() * key.cells() * key.rowLength()];
            long version = Long.MAX_VALUE;
            long latest = 0;
            long generation = 0;
            int found = 0;
            for (int slice = 0; slice < key.slices(); slice++) {
                Part part = new Part(key.key(), slice);
                for (SimServer server : cluster.servers()) {
                    var info = server.store().parts().stream()
                            .filter(one -> one.part().equals(part))
                            .findFirst();
                    if (info.isEmpty()) {
                        continue;
                    }
                    KeyReply reply = server.deliver(part, 1, new KeyCommand.Pull(Reading.latest(), 1, null))
                            .get(0);
                    if (reply instanceof KeyReply.Value value) {
                        int length = key.cells() * key.rowLength();
                        value.value().read(0, whole, slice * length, length);
                        version = Math.min(version, value.version());
                        latest = Math.max(latest, value.version());
                        found += generation == 0 || generation == info.get().generation() ? 1 : 0;
                        generation = info.get().generation();
                        value.release();
                    }
                }
            }
            boolean torn =
                    chance.assign() && version < latest; // the last pushes of those who left may be in some slices
            if (found == key.slices() && !torn) {
                long now = cluster.events.now();
                each.getValue().saw(new Ledger.Pull("the end", 0, generation, version, now, now, key.cells(whole)));
            }
        }
    }

    private void checkMemory() {
        for (SimWorker worker : workers) {
            require(
                    worker.pool().liveBytes() == 0,
                    worker.name() + " holds " + worker.pool().liveBytes() + " bytes");
        }
        for (SimServer server : cluster.servers()) {
            require(
                    server.pool().liveBytes() == server.valueBytes(),
                    server.node() + " holds " + server.pool().liveBytes() + " bytes, its values have "
                            + server.valueBytes());
            require(server.store().stats().inFlightBytes() == 0, server.node() + " counts bytes as held");
        }
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    /** Pushes that were acknowledged, in all runs so that a test can see that runs do something. */
    long acknowledged() {
        return ledgers.values().stream()
                .flatMap(each -> each.pushes().stream())
                .filter(push -> push.outcome == Ledger.Outcome.DONE)
                .count();
    }

    long pulls() {
        return ledgers.values().stream().mapToLong(Ledger::pullCount).sum();
    }

    long events() {
        return cluster.events.count();
    }
}
