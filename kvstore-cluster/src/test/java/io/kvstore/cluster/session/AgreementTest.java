package io.kvstore.cluster.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.cluster.ClusterSettings.Order;
import io.kvstore.cluster.ClusterSettings.WorkerLoss;
import io.kvstore.cluster.StoreTerms;
import io.kvstore.cluster.coordinator.Configuration;
import io.kvstore.cluster.session.Agreement.Proposal;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.tensor.BufferPool;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AgreementTest {
    private static final StoreTerms SYNC = terms(true);
    private static final Optimizer SGD = Optimizer.sgd().learningRate(0.5).build();
    private static final Optimizer ADAM = Optimizer.named("adam").build();

    private final SerialCore core = new SerialCore(
            new SessionCore<>(
                    new Nowhere(new OpenCalls()),
                    new BufferPool(1 << 20),
                    Timing.of(TimeUnit.SECONDS.toNanos(10)),
                    true),
            () -> {},
            Runnable::run);
    private final Coordinator coordinator = new Coordinator();
    private final Agreement mine = new Agreement("shop", coordinator, core);

    /** Keeps one configuration, and lets others change it before a proposal comes. */
    private final class Coordinator implements Proposal {
        private final List<String> asked = new ArrayList<>();
        private Configuration now = Configuration.NONE;
        private Runnable before = () -> {};

        @Override
        public Configuration set(String operation, String content, long expectedVersion) {
            asked.add(operation);
            Runnable first = before;
            before = () -> {};
            first.run();
            if (content.equals(now.content())) {
                return now;
            }
            if (expectedVersion != now.version()) {
                mine.is(now);
                throw new KVStoreException(Reason.OUT_OF_ORDER, "at version " + now.version());
            }
            now = new Configuration(now.version() + 1, content);
            return now;
        }
    }

    private static StoreTerms terms(boolean sync) {
        return new StoreTerms(sync, Order.ARRIVAL, WorkerLoss.CONTINUE, Optional.empty());
    }

    private Agreement another() {
        return new Agreement("shop", coordinator, core);
    }

    @Test
    void theFirstWorkersTermsHold() {
        mine.join(Configuration.NONE, SYNC);
        assertThat(coordinator.now).isEqualTo(new Configuration(1, SYNC.toText()));
        assertThat(mine.config().version()).isEqualTo(1);
    }

    @Test
    void aLateWorkersFirstProposalKeepsTheOptimizerThatAFasterOneHasSet() {
        coordinator.before = () -> {
            Agreement faster = another();
            faster.join(Configuration.NONE, SYNC);
            faster.setOptimizer(SGD);
        };
        mine.join(Configuration.NONE, SYNC);
        assertThat(coordinator.now)
                .isEqualTo(new Configuration(2, SYNC.with(SGD).toText()));
        assertThat(mine.config().optimizer()).isEqualTo(SGD);
    }

    @Test
    void aLateWorkerOfAnotherTypeIsRefused() {
        coordinator.before = () -> another().join(Configuration.NONE, SYNC);
        assertThatThrownBy(() -> mine.join(Configuration.NONE, terms(false)))
                .isInstanceOfSatisfying(
                        KVStoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID_CONFIGURATION))
                .hasMessageContaining("store 'shop' was opened with sync=true");
        assertThat(coordinator.now.content()).isEqualTo(SYNC.toText());
    }

    @Test
    void whoJoinsLaterProposesNothing() {
        another().join(Configuration.NONE, SYNC);
        coordinator.asked.clear();
        mine.join(coordinator.now, SYNC);
        assertThat(coordinator.asked).isEmpty();
        assertThat(mine.config().version()).isEqualTo(1);
    }

    @Test
    void anEqualOptimizerIsNotProposedAgain() {
        mine.join(Configuration.NONE, SYNC);
        mine.setOptimizer(SGD);
        mine.setOptimizer(Optimizer.fromJson(SGD.toJson()));
        assertThat(coordinator.asked).containsExactly("create", "setOptimizer");
        mine.setOptimizer(null);
        assertThat(mine.config().optimizer()).isNull();
    }

    @Test
    void aChangeIsMadeOnTopOfWhatAnotherWorkerHasChanged() {
        mine.join(Configuration.NONE, SYNC);
        mine.setOptimizer(SGD);
        coordinator.before = () -> {
            Agreement faster = another();
            faster.join(coordinator.now, SYNC);
            faster.adjustOptimizer(now -> now.rescaleGrad(0.25));
        };
        mine.adjustOptimizer(now -> now.learningRate(0.125));
        assertThat(mine.config().optimizer())
                .isEqualTo(Optimizer.sgd().learningRate(0.125).rescaleGrad(0.25).build());
        assertThat(coordinator.now.version()).isEqualTo(4);
    }

    @Test
    void whatIsKnownIsNotReplacedByOlderNews() {
        mine.join(Configuration.NONE, SYNC);
        Configuration first = coordinator.now;
        mine.setOptimizer(SGD);
        mine.is(first);
        assertThat(mine.config().optimizer()).isEqualTo(SGD);
    }

    @Test
    void aChangeThatNeedsOtherStateIsRefusedAndChangesNothing() {
        mine.join(Configuration.NONE, SYNC);
        mine.setOptimizer(ADAM);
        Configuration before = coordinator.now;
        assertThatThrownBy(() -> mine.adjustOptimizer(now -> SGD.toBuilder()))
                .hasMessageContaining("the change needs other state");
        assertThat(coordinator.now).isEqualTo(before);
    }
}
