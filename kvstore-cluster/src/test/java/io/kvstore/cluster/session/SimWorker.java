package io.kvstore.cluster.session;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.Layout;
import io.kvstore.actor.Member;
import io.kvstore.actor.Membership;
import io.kvstore.actor.Origin;
import io.kvstore.actor.Part;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A worker: a real session over the simulated network, and a program of calls for each key. */
final class SimWorker implements Outside<SimNode> {
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /** How a call may end. */
    interface End {
        /** @param reply null if there is none */
        void ended(KeyReply reply, KVStoreException failure);
    }

    private final SimCluster cluster;
    private final String name;
    private final Map<LedgerKey, Ledger> ledgers;
    private final Map<LedgerKey, Long> generations = new LinkedHashMap<>();
    private final List<SimProgram> programs = new ArrayList<>();
    private Map<Long, End> calls = new LinkedHashMap<>();
    private SessionCore<SimNode> core;
    private BufferPool pool;
    private final Map<Key, Long> known = new HashMap<>();
    private long requestIds;
    private long callIds;
    private int life;
    private long pausedUntil;
    private boolean ended;

    SimWorker(SimCluster cluster, String name, Map<LedgerKey, Ledger> ledgers) {
        this.cluster = cluster;
        this.name = name;
        this.ledgers = ledgers;
        ledgers.forEach((key, ledger) -> programs.add(new SimProgram(this, key, ledger, cluster.chance)));
        cluster.add(this);
    }

    String name() {
        return name;
    }

    /** Counts the lives of its process. */
    int life() {
        return life;
    }

    SessionCore<SimNode> core() {
        return core;
    }

    SimCluster cluster() {
        return cluster;
    }

    BufferPool pool() {
        return pool;
    }

    boolean ended() {
        return ended;
    }

    /** What its last session still has open, for messages. */
    String state() {
        return name + (ended ? " has ended" : ": " + programs);
    }

    /** Starts its process, or another life of it, which knows nothing of the one before. */
    void start() {
        life++;
        List<End> abandoned = List.copyOf(calls.values());
        calls = new LinkedHashMap<>();
        pool = new BufferPool(1 << 20);
        core = new SessionCore<>(this, pool, Timing.of(TimeUnit.SECONDS.toNanos(10)), cluster.terms.inRounds());
        core.config(cluster.configVersion());
        cluster.register(this);
        KVStoreException why = new KVStoreException(Reason.CLOSED, "the process was killed");
        abandoned.forEach(each -> each.ended(null, why));
        programs.forEach(SimProgram::restarted);
        tick(life);
    }

    private void tick(int ofLife) {
        now(ofLife, session -> session.tick(cluster.events.now()));
        if (!ended && life == ofLife) {
            cluster.events.in(TICK_NANOS, () -> tick(ofLife));
        }
    }

    /** Does something with the session, if it is still that one; once it goes on, if it is paused. */
    private void now(int ofLife, Consumer<SessionCore<SimNode>> action) {
        if (life != ofLife || life == 0) {
            return;
        }
        if (cluster.events.now() < pausedUntil) {
            cluster.events.at(pausedUntil, () -> now(ofLife, action));
        } else {
            action.accept(core);
        }
    }

    /** Does nothing for a while, so that the coordinator takes it for dead. */
    void pause(long nanos) {
        if (core == null || core.self() == null || ended) {
            return;
        }
        pausedUntil = cluster.events.now() + nanos;
        cluster.closeIncarnation(this);
        if (cluster.chance.random().nextBoolean()) { // it hears of it by itself, or from a part first
            int paused = life;
            cluster.events.at(pausedUntil, () -> {
                if (life == paused && !ended) {
                    cluster.register(this);
                }
            });
        }
    }

    /** What its session still has open ends. */
    void close() {
        core.close(new KVStoreException(Reason.CLOSED, "the simulation has ended"));
    }

    void programEnded() {
        if (!ended && programs.stream().allMatch(SimProgram::ended)) {
            ended = true;
            cluster.leave(this);
        }
    }

    // ------------------------------------------------------------------ calls

    long call(End end) {
        calls.put(++callIds, end);
        return callIds;
    }

    /** The life of the key that the session now sends to. */
    long generation(LedgerKey key) {
        return generations.getOrDefault(key, 0L);
    }

    // ------------------------------------------------------------------ what comes in

    void reply(int ofLife, long id, KeyReply reply) {
        now(ofLife, session -> session.incoming().onReply(id, SimNet.read(reply, pool)));
    }

    void notHere(int ofLife, long id) {
        now(ofLife, session -> session.incoming().notHere(id));
    }

    void located(Part part, SimNode node) {
        now(life, session -> session.incoming().located(part, node));
    }

    void dead(SimNode node) {
        now(life, session -> session.incoming().dead(node));
    }

    /** A node is lost: if the session waits for it, it will notice. */
    void mayMiss(SimNode node) {
        int waiting = life;
        cluster.events.in(
                TimeUnit.SECONDS.toNanos(10),
                () -> now(waiting, session -> session.incoming().dead(node)));
    }

    void membership(Membership told) {
        now(life, session -> {
            Member self = told.member(name).orElse(null);
            if (ended || self == null || !cluster.isMember(this, self.incarnation())) {
                return;
            }
            Self before = session.self();
            if (before != null && (before.incarnation() > self.incarnation() || before.epoch() >= told.epoch())) {
                return;
            }
            boolean gives = told.members().get(0).worker().equals(name);
            session.registered(new Self(name, self.incarnation(), told.epoch(), gives));
        });
    }

    void config(long version) {
        now(life, session -> session.config(version));
    }

    // ------------------------------------------------------------------ the session's outside

    @Override
    public void send(SimNode server, long id, Part part, int priority, KeyCommand command) {
        note(command, part);
        cluster.send(this, server, id, part, command);
    }

    private void note(KeyCommand command, Part part) {
        LedgerKey key = ledgers.keySet().stream()
                .filter(each -> each.key().equals(part.key()))
                .findFirst()
                .orElseThrow();
        if (command instanceof KeyCommand.Push push) {
            note(key, push.origin(), push.gradients().get(0));
        } else if (command instanceof KeyCommand.PushPull push) {
            note(key, push.origin(), push.gradients().get(0));
        } else if (command instanceof KeyCommand.Pull pull) {
            generations.put(key, pull.reading().after().generation());
        } else if (command instanceof KeyCommand.PullRows pull) {
            generations.put(key, pull.reading().after().generation());
        }
    }

    private void note(LedgerKey key, Origin origin, Tensor slice) {
        generations.put(key, origin.generation());
        ledgers.get(key).sent(key.cellOf(slice), origin.generation());
    }

    @Override
    public long nextId() {
        return ++requestIds;
    }

    @Override
    public void known(Key key, Layout layout, long generation, long version) {
        known.put(key, generation);
    }

    @Override
    public void initialised(Key key) {
        if (!known.containsKey(key)) {
            throw new AssertionError(name + ": " + key + " was initialised and is not known");
        }
    }

    @Override
    public void doubted(Key key) {
        // its program initialises keys that are lost, and no others
    }

    @Override
    public void unknown(Key key) {
        known.remove(key);
    }

    @Override
    public void locate(Part part) {
        cluster.locate(this, part);
    }

    @Override
    public void answer(long call, KeyReply reply) {
        end(call, reply, null);
    }

    @Override
    public void fail(long call, KVStoreException failure) {
        end(call, null, failure);
    }

    private void end(long call, KeyReply reply, KVStoreException failure) {
        cluster.log(() -> name + " call " + call + " ends with " + reply + " " + failure);
        End end = calls.remove(call);
        if (end == null) {
            throw new AssertionError(name + ": call " + call + " ended twice, with " + reply + failure);
        }
        end.ended(reply, failure);
    }

    @Override
    public void fenced(long incarnation) {
        if (!ended) {
            cluster.register(this);
        }
    }
}
