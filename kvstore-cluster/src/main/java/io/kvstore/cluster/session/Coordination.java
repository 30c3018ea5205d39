package io.kvstore.cluster.session;

import akka.actor.typed.ActorSystem;
import io.kvstore.KVStoreException;
import io.kvstore.KVStoreSettings;
import io.kvstore.cluster.JobSettings;
import io.kvstore.cluster.ServerAddress;
import io.kvstore.cluster.StoreTerms;
import io.kvstore.cluster.coordinator.Closed;
import io.kvstore.cluster.coordinator.Configuration;
import io.kvstore.cluster.coordinator.CoordinatorClient;
import io.kvstore.cluster.coordinator.Membership;
import io.kvstore.cluster.coordinator.Registration;
import io.kvstore.cluster.coordinator.WorkerIdentity;
import io.kvstore.cluster.coordinator.WorkerListener;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A worker's side of its store's coordinator: joins the store, hears what changes in it, and leaves. */
final class Coordination implements WorkerListener {
    private static final Logger log = LoggerFactory.getLogger(Coordination.class);

    private final Servers servers;
    private final CoordinatorClient client;
    private final CoordinatorCalls calls;
    private final WorkerLife life;
    private final Agreement agreement;

    Coordination(
            ActorSystem<?> system,
            KVStoreSettings settings,
            JobSettings job,
            Servers servers,
            SerialCore core,
            Ending ending) {
        this.servers = servers;
        this.client = CoordinatorClient.start(system, identity(job), this);
        this.calls = new CoordinatorCalls(client, settings);
        this.life = new WorkerLife(client, core, ending);
        this.agreement = new Agreement(job.storeName(), calls::configure, core);
    }

    private static WorkerIdentity identity(JobSettings job) {
        return new WorkerIdentity(
                job.storeName(),
                job.workerName().orElse(""),
                job.workers(),
                job.seedNodes().stream().map(ServerAddress::uri).toList());
    }

    CoordinatorCalls calls() {
        return calls;
    }

    WorkerLife life() {
        return life;
    }

    Agreement agreement() {
        return agreement;
    }

    /**
     * Registers, and returns when all workers are there and agree.
     *
     * @throws KVStoreException if the store cannot be joined
     */
    void join(StoreTerms wanted) {
        servers.meetFirst(calls); // compares settings with a server before anything else
        Registration mine = calls.register();
        life.registered(mine);
        agreement.join(mine.configuration(), wanted);
    }

    /** In good order, as far as the close timeout allows. @param withOthers whether it waits until all leave */
    void leave(boolean withOthers) {
        try {
            calls.leave(withOthers);
        } catch (KVStoreException e) {
            log.warn("the other workers were not waited for: {}", e.getMessage());
        }
    }

    void close() {
        client.close();
    }

    // ------------------------------------------------------------------ what the coordinator tells, once it is joined

    @Override
    public void closed(long incarnation, Closed why) {
        life.closed(incarnation, why);
    }

    @Override
    public void membersChanged(Membership next) {
        life.membersChanged(next);
    }

    @Override
    public void configChanged(Configuration next) {
        agreement.is(next);
    }

    @Override
    public void serversChanged(List<String> addresses) {
        servers.areAt(addresses.stream().map(ServerAddress::parse).toList());
    }
}
