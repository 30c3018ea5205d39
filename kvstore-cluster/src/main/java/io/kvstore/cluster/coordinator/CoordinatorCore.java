package io.kvstore.cluster.coordinator;

import io.kvstore.Reason;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The coordinator's logic, without Akka: requests and reports in, replies and orders out; not thread-safe.
 *
 * <p>What must not be lost is a {@link StoreRecord} on every server. A coordinator first takes a ballot greater than any
 * before and lets every server that is up promise to hear no smaller one; each tells what it has, and the newest record
 * of each store is written again under the new ballot. Then it leads: a change is in force when a majority of the servers
 * has it. An earlier coordinator that still runs finds no majority any more, and on a server that was taken out of the
 * cluster it is not heard at all. (Lamport, Paxos Made Simple, 2001, with one
 * register per store.)
 *
 * <p><b>Why all servers and not a majority promise.</b> Servers that were lost are taken out of the count, after the
 * downing provider decided who stays: the majority of those who wrote a record may be gone, and the rest of them may be
 * the minority of those who stay. All that stay include one of them, as the kept part is at least half of the whole. A
 * server that does not answer holds the coordinator up until it answers or is downed.
 *
 * <p>Time is in milliseconds, of any clock that does not go back.
 *
 * @param <R> where a worker is answered
 */
final class CoordinatorCore<R> implements Office<R> {

    /** What a coordinator does to the world. */
    interface Effects<R> {
        void toWorker(R worker, WorkerReply reply);

        void toServer(Server server, ViewRequest request);
    }

    private enum Phase {
        PREPARING,
        LEADING,
        /** Another coordinator is ahead; after a while this one tries again, in case the other is gone. */
        OUTBID
    }

    private final Server self;
    private final long owner;
    private final CoordinatorSettings settings;
    private final Effects<R> effects;
    private final Set<Server> servers = new TreeSet<>();
    private final Set<String> gone = new TreeSet<>();
    private final Map<Server, Promise> promises = new TreeMap<>();
    private final Map<String, StoreDesk<R>> desks = new TreeMap<>();
    private Phase phase = Phase.OUTBID;
    private Ballot ballot;
    private long greatestTerm;
    private long sent;
    private long ran;

    /**
     * @param self the server that it runs on
     * @param owner tells this coordinator from all others
     * @param firstTerm the least term to take, such as the time of day: if all servers were lost, workers remember terms
     *     that no server does
     */
    CoordinatorCore(
            Server self, long owner, long firstTerm, CoordinatorSettings settings, Effects<R> effects, long now) {
        this.self = self;
        this.owner = owner;
        this.greatestTerm = firstTerm - 1;
        this.settings = settings;
        this.effects = effects;
        this.ran = now;
        prepare(now);
    }

    /** The servers that are up are {@code now up}; of those missing since, {@code lost} did not leave in good order. */
    void serversChanged(Collection<Server> up, Collection<String> lost, long now) {
        noticeStandstill(now);
        servers.clear();
        servers.addAll(up);
        gone.addAll(lost);
        up.forEach(server -> gone.remove(server.address()));
        if (phase == Phase.LEADING) {
            desks.values().forEach(desk -> desk.serversChanged(now));
        } else if (phase == Phase.PREPARING) {
            sendPrepare(now);
            leadIfPromised(now);
        }
    }

    void onRequest(R from, WorkerRequest request, long now) {
        noticeStandstill(now);
        if (request.term() > greatestTerm) {
            greatestTerm = request.term(); // its servers are all gone, and their terms with them
            prepare(now);
        }
        if (phase != Phase.LEADING) {
            // without a term: this one has no right to speak yet
            effects.toWorker(
                    from,
                    new WorkerReply(
                            0, request.store(), new WorkerReply.Waiting(request.call(), Limits.line(notLeading()))));
            return;
        }
        StoreDesk<R> desk = desks.get(request.store());
        if (desk == null && desks.size() >= Limits.STORES) {
            reply(
                    from,
                    request.store(),
                    new WorkerReply.Refused(
                            request.call(), Reason.BUSY, "the cluster has its " + Limits.STORES + " stores"));
            return;
        }
        if (desk == null) {
            desk = new StoreDesk<>(request.store(), this, Replicated.fresh(ballot, StoreRecord.empty(request.store())));
            desks.put(request.store(), desk);
        }
        desk.onRequest(from, request, now);
        dropIdle(request.store());
    }

    void onReply(ViewReply reply, long now) {
        noticeStandstill(now);
        if (reply.report() instanceof ViewReply.Outbid outbid) {
            onOutbid(outbid.promised(), now);
        } else if (reply.ballot().equals(ballot) && servers.contains(reply.server())) {
            if (reply.report() instanceof ViewReply.Promised promised && phase == Phase.PREPARING) {
                promises.computeIfAbsent(reply.server(), server -> new Promise())
                        .add(promised);
                leadIfPromised(now);
            } else if (reply.report() instanceof ViewReply.Wrote wrote && desks.containsKey(wrote.store())) {
                desks.get(wrote.store()).onWrote(reply.server(), wrote, now);
            } else if (reply.report() instanceof ViewReply.Ran ran && desks.containsKey(ran.store())) {
                desks.get(ran.store()).onRan(reply.server(), ran);
            }
        }
    }

    /** To be called several times within {@link CoordinatorSettings#resendAfter}. */
    void tick(long now) {
        noticeStandstill(now);
        if (phase == Phase.LEADING) {
            desks.values().forEach(desk -> desk.tick(now));
            List.copyOf(desks.keySet()).forEach(this::dropIdle);
        } else if (now - sent >= settings.resendAfter()) {
            if (phase == Phase.OUTBID) {
                prepare(now);
            } else {
                sendPrepare(now);
            }
        }
    }

    @Override
    public CoordinatorSettings settings() {
        return settings;
    }

    @Override
    public Ballot ballot() {
        return ballot;
    }

    @Override
    public Collection<Server> servers() {
        return servers;
    }

    @Override
    public int lostServers() {
        return gone.size();
    }

    @Override
    public void reply(R worker, String store, WorkerReply.Answer answer) {
        effects.toWorker(worker, new WorkerReply(ballot.term(), store, answer));
    }

    @Override
    public void order(Server server, ViewRequest.Order order) {
        effects.toServer(server, new ViewRequest(ballot, self, order));
    }

    boolean leads() {
        return phase == Phase.LEADING;
    }

    /** Time in which the coordinator itself did not run is nobody's silence. */
    private void noticeStandstill(long now) {
        long stoodStill = now - ran - settings.heartbeatInterval();
        ran = now;
        if (stoodStill > 0) {
            desks.values().forEach(desk -> desk.forgive(stoodStill));
        }
    }

    /** What workers wait for, by store; stores without a wait are left out. */
    Map<String, List<String>> waits(long now) {
        Map<String, List<String>> waits = new TreeMap<>();
        desks.forEach((store, desk) -> waits.put(store, desk.waits(now)));
        waits.values().removeIf(List::isEmpty);
        return waits;
    }

    private void prepare(long now) {
        phase = Phase.PREPARING;
        ballot = new Ballot(++greatestTerm, owner);
        promises.clear();
        desks.clear();
        sendPrepare(now);
    }

    private void sendPrepare(long now) {
        sent = now;
        for (Server server : servers) {
            Promise promise = promises.get(server);
            if (promise == null || !promise.complete()) {
                order(server, new ViewRequest.Prepare());
            }
        }
    }

    private void onOutbid(Ballot promised, long now) {
        greatestTerm = Math.max(greatestTerm, promised.term());
        if (!ballot.isHeardAfter(promised) && phase != Phase.OUTBID) {
            phase = Phase.OUTBID;
            sent = now;
            desks.clear();
        }
    }

    private void leadIfPromised(long now) {
        promises.keySet().retainAll(servers);
        boolean all = servers.stream()
                .allMatch(server ->
                        promises.containsKey(server) && promises.get(server).complete());
        if (!all || servers.isEmpty()) {
            return;
        }
        Map<String, StoreRecord> newest = new TreeMap<>();
        for (Promise each : promises.values()) {
            gone.addAll(each.gone());
            each.records()
                    .forEach(record ->
                            newest.merge(record.store(), record, (one, other) -> other.supersedes(one) ? other : one));
        }
        servers.forEach(server -> gone.remove(server.address()));
        promises.clear();
        phase = Phase.LEADING;
        newest.forEach(
                (store, record) -> desks.put(store, new StoreDesk<>(store, this, Replicated.found(ballot, record))));
        desks.values().forEach(desk -> desk.serversChanged(now));
    }

    private void dropIdle(String store) {
        if (desks.get(store).isIdle()) {
            desks.remove(store);
        }
    }

    private String notLeading() {
        if (phase == Phase.OUTBID) {
            return "another coordinator is ahead";
        }
        Set<Server> silent = new TreeSet<>(servers);
        silent.removeIf(
                server -> promises.containsKey(server) && promises.get(server).complete());
        return "a new coordinator hears what the servers know; not yet from " + Texts.addresses(silent);
    }
}
