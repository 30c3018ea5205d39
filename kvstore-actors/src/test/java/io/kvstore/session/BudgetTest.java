package io.kvstore.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BudgetTest {
    private final Budget budget = new Budget(10 * 1024);

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 1", "1024, 1", "1025, 2", "10240, 10", "10241, 10", "9223372036854774000, 10"})
    void bytesCostTheirKibibytesButNeverMoreThanTheWhole(long bytes, int cost) {
        assertThat(budget.cost(bytes)).isEqualTo(cost);
    }

    @Test
    void whatIsTakenIsHeldUntilGivenBack() {
        assertThat(budget.tryTake(7)).isTrue();
        assertThat(budget.heldBytes()).isEqualTo(7 * 1024);
        assertThat(budget.tryTake(4)).isFalse();
        assertThat(budget.tryTake(3)).isTrue();
        budget.giveBack(7);
        assertThat(budget.heldBytes()).isEqualTo(3 * 1024);
        budget.giveBack(3);
        assertThat(budget.heldBytes()).isZero();
    }

    @Test
    void anythingIsGrantedWhenNothingElseIsHeld() throws InterruptedException {
        assertThat(budget.take(budget.cost(1L << 40), TimeUnit.SECONDS.toNanos(5)))
                .isTrue();
        assertThat(budget.take(1, 1)).isFalse();
    }

    @Test
    @Timeout(30)
    void aWaitingTakerGoesOnWhenThereIsRoom() throws Exception {
        assertThat(budget.tryTake(10)).isTrue();
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            Future<Boolean> taken = thread.submit(() -> budget.take(10, TimeUnit.SECONDS.toNanos(20)));
            assertThat(taken).isNotDone();
            budget.giveBack(10);
            assertThat(taken.get(20, TimeUnit.SECONDS)).isTrue();
            assertThat(budget.heldBytes()).isEqualTo(10 * 1024);
        } finally {
            thread.shutdownNow();
        }
    }

    @Test
    void aTinyBudgetGrantsOneAtATime() {
        Budget tiny = new Budget(1);
        assertThat(tiny.tryTake(tiny.cost(5000))).isTrue();
        assertThat(tiny.tryTake(tiny.cost(1))).isFalse();
    }
}
