package io.kvstore.actor;

import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.PreRestart;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.DeviceTensor;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Tensor;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * The single writer of one key: the shell that gives {@link KeyState} its messages and carries out its effects.
 *
 * <p>Its mailbox is the order of the key's pushes and pulls. In a store that sums on the host it carries out commits
 * itself, at once; otherwise the key's device actor does. If it fails it starts again at the last committed version,
 * which lies in the store's records.
 */
final class KeyActor extends AbstractBehavior<KeyMessage> implements KeyState.Effects<Requester> {

    static Behavior<KeyCommand> create(Part part, StoreContext store) {
        Behavior<KeyMessage> behavior = Behaviors.setup(context -> store.terms() == null
                ? new KeyActor(context, null, part, store) // each message would pass by the timers
                : Behaviors.withTimers(timers -> new KeyActor(context, timers, part, store)));
        return Behaviors.supervise(behavior)
                .onFailure(SupervisorStrategy.restart())
                .narrow();
    }

    /** How often a slice says again what other slices may not have heard. */
    private static final Duration AGAIN = Duration.ofMillis(500);

    private final Key key;
    private final StoreContext store;
    private final HostCommit host;
    private final KeyState<Requester> state;
    private final PartState<Requester> ofCluster; // null in a store of one JVM
    private final SlicedCommits sliced; // null in a store of one JVM
    private final TimerScheduler<KeyMessage> timers; // null in a store of one JVM

    private KeyActor(
            ActorContext<KeyMessage> context, TimerScheduler<KeyMessage> timers, Part part, StoreContext store) {
        super(context);
        this.timers = timers;
        this.key = part.key();
        this.store = store;
        this.host = new HostCommit(store.pool(), store.sumGroup());
        this.state = new KeyState<>(
                part,
                store.records(),
                store.pool(),
                store.config(),
                store.settings().keyQueueLimit(),
                this,
                store.terms(),
                store.held());
        this.ofCluster = store.terms() == null ? null : new PartState<>(part, state, store.records(), this);
        int patience = (int) store.patience().dividedBy(AGAIN);
        this.sliced =
                ofCluster == null ? null : new SlicedCommits(part, host, store.profile(), patience, slicedEffects());
        if (ofCluster != null) {
            ofCluster.membership(store.membership());
            stopUnlessUsed();
        }
    }

    /** A name that nobody initialises, or whose key was deleted, keeps no actor: whoever asks for it gets another one. */
    private void stopUnlessUsed() {
        timers.startSingleTimer(KeyEvent.Unused.INSTANCE, store.patience());
    }

    private Behavior<KeyMessage> onUnused(KeyEvent.Unused event) {
        if (state.record() != null) {
            return this;
        }
        if (ofCluster.isAwaited()) {
            stopUnlessUsed();
            return this;
        }
        return Behaviors.stopped();
    }

    private SlicedCommits.Effects slicedEffects() {
        return new SlicedCommits.Effects() {
            @Override
            public void tell(Part to, PartMail mail) {
                store.post().tell(to, mail);
            }

            @Override
            public void report(KeyEvent outcome) {
                KeyActor.this.report(outcome);
            }

            @Override
            public boolean awaited() {
                return state.awaited();
            }
        };
    }

    @Override
    public Receive<KeyMessage> createReceive() {
        return newReceiveBuilder()
                .onMessage(KeyCommand.Push.class, this::onPush)
                .onMessage(KeyCommand.Pull.class, this::onPull)
                .onMessage(KeyCommand.PushPull.class, this::onPushPull)
                .onMessage(KeyCommand.PullRows.class, this::onPullRows)
                .onMessage(KeyEvent.Committed.class, this::onCommitted)
                .onMessage(KeyEvent.CommitFailed.class, this::onCommitFailed)
                .onMessage(KeyCommand.PullInto.class, this::onPullInto)
                .onMessage(KeyEvent.ErrandDone.class, this::onErrandDone)
                .onMessage(KeyEvent.ErrandFailed.class, this::onErrandFailed)
                .onMessage(KeyCommand.Init.class, this::onInit)
                .onMessage(KeyCommand.Configure.class, this::onConfigure)
                .onMessage(KeyCommand.Snapshot.class, this::onSnapshot)
                .onMessage(KeyCommand.Restore.class, this::onRestore)
                .onMessage(KeyCommand.Delete.class, this::onDelete)
                .onMessage(PartCommand.class, this::onPartCommand)
                .onMessage(KeyEvent.MembersChanged.class, this::onMembersChanged)
                .onMessage(KeyEvent.ConfigChanged.class, this::onConfigChanged)
                .onMessage(KeyEvent.Unused.class, this::onUnused)
                .onMessage(PartMail.class, this::onPartMail)
                .onMessage(KeyEvent.Again.class, this::onAgain)
                .onSignal(PreRestart.class, signal -> onRestart())
                .onSignal(PostStop.class, signal -> onStop())
                .build();
    }

    private Behavior<KeyMessage> onInit(KeyCommand.Init init) {
        return guarded(init, to -> state.init(init.value(), to));
    }

    private Behavior<KeyMessage> onPush(KeyCommand.Push push) {
        return guarded(push, to -> state.push(push.gradients(), push.origin(), false, to));
    }

    private Behavior<KeyMessage> onPull(KeyCommand.Pull pull) {
        return guarded(pull, to -> state.pull(pull.reading(), to));
    }

    private Behavior<KeyMessage> onPullInto(KeyCommand.PullInto pull) {
        return guarded(pull, to -> state.fill(pull.outs(), pull.reading(), to));
    }

    private Behavior<KeyMessage> onPullRows(KeyCommand.PullRows pull) {
        return guarded(pull, to -> state.pullRows(pull.ids(), pull.reading(), to));
    }

    private Behavior<KeyMessage> onPushPull(KeyCommand.PushPull push) {
        return guarded(push, to -> state.push(push.gradients(), push.origin(), true, to));
    }

    private Behavior<KeyMessage> onConfigure(KeyCommand.Configure configure) {
        return guarded(configure, to -> state.configure(configure.config(), to));
    }

    private Behavior<KeyMessage> onSnapshot(KeyCommand.Snapshot snapshot) {
        return guarded(snapshot, state::snapshot);
    }

    private Behavior<KeyMessage> onRestore(KeyCommand.Restore restore) {
        return guarded(restore, to -> state.restore(restore.state(), to));
    }

    private Behavior<KeyMessage> onDelete(KeyCommand.Delete delete) {
        return guarded(delete, state::delete);
    }

    private Behavior<KeyMessage> onPartCommand(PartCommand command) {
        return guarded(command, to -> {
            if (ofCluster != null && command instanceof PartCommand.AskAddress) {
                part(to, new PartReply.Address(key, 0, address()));
            } else if (ofCluster != null) {
                ofCluster.on(command, to);
            } else {
                refused(
                        to,
                        Reason.UNSUPPORTED,
                        command.getClass().getSimpleName()
                                + " is for the keys of a cluster; this store lives in one JVM");
            }
        });
    }

    private String address() {
        return ActorRefResolver.get(getContext().getSystem())
                .toSerializationFormat(getContext().getSelf());
    }

    private Behavior<KeyMessage> onMembersChanged(KeyEvent.MembersChanged event) {
        ofCluster.membership(event.membership());
        return this;
    }

    private Behavior<KeyMessage> onConfigChanged(KeyEvent.ConfigChanged event) {
        state.configure(event.config());
        return this;
    }

    private Behavior<KeyMessage> onPartMail(PartMail mail) {
        if (sliced != null) {
            sliced.on(mail, state.record());
        }
        return this;
    }

    private Behavior<KeyMessage> onAgain(KeyEvent.Again event) {
        sliced.again();
        sayAgainLater();
        return this;
    }

    private void sayAgainLater() {
        if (sliced.isPending()) {
            timers.startSingleTimer(KeyEvent.Again.INSTANCE, AGAIN);
        }
    }

    private Behavior<KeyMessage> onCommitted(KeyEvent.Committed event) {
        report(event);
        return this;
    }

    private Behavior<KeyMessage> onCommitFailed(KeyEvent.CommitFailed event) {
        report(event);
        return this;
    }

    private Behavior<KeyMessage> onErrandDone(KeyEvent.ErrandDone event) {
        state.errandDone(event.errand(), event.tensors());
        return this;
    }

    private Behavior<KeyMessage> onErrandFailed(KeyEvent.ErrandFailed event) {
        state.errandFailed(event.errand(), event.reason(), event.message());
        return this;
    }

    /** Lets no command stop the key: what it throws is refused. */
    private Behavior<KeyMessage> guarded(KeyCommand command, Consumer<Requester> body) {
        Requester requester = Requester.of(command, key, store);
        try {
            body.accept(requester);
        } catch (OutOfMemoryError e) {
            refused(requester, Reason.OUT_OF_MEMORY, "not enough memory (" + e.getMessage() + "); nothing was changed");
        } catch (RuntimeException e) {
            getContext()
                    .getLog()
                    .error("key {}: {} failed", key, command.getClass().getSimpleName(), e);
            refused(requester, Reason.INTERNAL, "the request failed: " + e);
        }
        return this;
    }

    private void report(KeyEvent event) {
        if (event instanceof KeyEvent.Committed done) {
            store.countPush(done.commit().bytes());
            state.committed(done.commit(), done.outcome());
        } else if (event instanceof KeyEvent.CommitFailed failed) {
            state.commitFailed(failed.commit(), failed.reason(), failed.message());
        }
    }

    private Behavior<KeyMessage> onStop() {
        return abandon(Reason.CLOSED, "the store was closed");
    }

    private Behavior<KeyMessage> onRestart() {
        return abandon(
                ofCluster == null ? Reason.INTERNAL : Reason.BUSY, // a cluster's sessions send again
                "the key failed and starts again at its last committed version");
    }

    private Behavior<KeyMessage> abandon(Reason reason, String message) {
        state.abandon(reason, message);
        if (ofCluster != null) {
            ofCluster.abandon(reason, message);
            sliced.abandon();
        }
        return this;
    }

    @Override
    public void turn(Requester to) {
        to.turn();
    }

    @Override
    public void lifeIsOver() {
        sliced.lifeIsOver();
    }

    /** Whoever waits for {@code earlier} must not do so for ever, nor the node remember that he does. */
    @Override
    public void replaced(Requester earlier, Requester later) {
        if (!earlier.isAnsweredWith(later)) {
            earlier.refuse(key, Reason.OUT_OF_ORDER, "it was sent again as request " + later.id());
        }
    }

    @Override
    public void done(Requester to, long version) {
        to.tell(new KeyReply.Done(key, to.id(), version), version, 0);
    }

    @Override
    public void value(Requester to, long version, DenseTensor value) {
        store.countPull(value.bytes());
        to.tell(new KeyReply.Value(key, to.id(), version, value), version, value.bytes());
    }

    @Override
    public void states(Requester to, KeyConfig config, OptimizerState state) {
        to.tell(new KeyReply.States(key, to.id(), config, state), -1, state.bytes());
    }

    @Override
    public void rows(Requester to, long version, RowSparseTensor rows) {
        store.countPull(rows.bytes());
        to.tell(new KeyReply.Rows(key, to.id(), version, rows), version, rows.bytes());
    }

    @Override
    public void refused(Requester to, Reason reason, String message) {
        store.countRefused();
        to.refuse(key, reason, message);
    }

    @Override
    public void part(Requester to, PartReply reply) {
        PartReply own = reply.to(to.id());
        if (own.isLast()) {
            to.tell(own, -1, 0);
        } else {
            to.tellFirst(own);
        }
    }

    @Override
    public DenseTensor fold(KeyRecord record, DenseTensor sum, List<Tensor> gradients) {
        return host.fold(sum, gradients);
    }

    @Override
    public KeyConfig config(long version) {
        return store.config(version);
    }

    @Override
    public void commit(Commit commit) {
        if (store.devices() != null) {
            store.devices()
                    .actor(commit.record().device)
                    .tell(new DeviceActor.CarryOut(
                            commit, getContext().getSelf().unsafeUpcast()));
            return;
        }
        if (sliced != null && SlicedCommits.takes(commit)) {
            sliced.carryOut(commit);
            sayAgainLater();
            return;
        }
        KeyEvent event = CommitRun.run(store.profile(), host::carryOut, commit);
        if (sliced != null && event instanceof KeyEvent.CommitFailed failed) {
            sliced.failedAlone(failed);
        }
        report(event);
    }

    @Override
    public KVStoreException problem(DeviceTensor array) {
        return store.problem(array);
    }

    @Override
    public void send(Errand errand) {
        store.devices()
                .actor(errand.record().device)
                .tell(new DeviceActor.Run(errand, getContext().getSelf().unsafeUpcast()));
    }

    @Override
    public String place(long bytes) {
        return store.devices() == null ? "host" : store.devices().place(bytes);
    }

    @Override
    public void unplace(KeyRecord record) {
        if (store.devices() != null) {
            store.devices().remove(record.device, record.info().bytes());
        }
        if (ofCluster != null) {
            stopUnlessUsed();
        }
    }
}
