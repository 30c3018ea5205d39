package io.kvstore.cluster.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.cluster.status.NodeStatus;
import io.kvstore.cluster.status.StoreStatus;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LeaveRequestsTest {
    private final AtomicInteger left = new AtomicInteger();
    private final StringWriter err = new StringWriter();

    private LeaveRequests server(boolean force, CompletableFuture<NodeStatus> status) {
        return new LeaveRequests(() -> status, left::incrementAndGet, force, new PrintWriter(err));
    }

    private static CompletableFuture<NodeStatus> holding(long parts, long bytes) {
        StoreStatus store = new StoreStatus("default", "sync", parts, parts, bytes, 0, 1, List.of(), List.of());
        return CompletableFuture.completedFuture(
                new NodeStatus("a", "1", 0, 0, 0, 0, List.of(), List.of(store, store)));
    }

    @Test
    void serverWithoutKeysLeavesAtOnce() {
        server(false, holding(0, 0)).ask();
        assertThat(left).hasValue(1);
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void serverWithKeysSaysWhatItHoldsAndStaysUnlessItIsAskedAgain() {
        LeaveRequests requests = server(false, holding(6, 2048));

        requests.ask();
        assertThat(left).hasValue(0);
        assertThat(err.toString())
                .contains("it holds keys or slices of keys (12, 4.0 KiB)", "ask again within 10 seconds");

        requests.ask();
        assertThat(left).hasValue(1);
    }

    @Test
    void serverThatMayLoseKeysLeavesAtOnce() {
        server(true, holding(6, 2048)).ask();
        assertThat(left).hasValue(1);
    }

    @Test
    void serverThatDoesNotKnowWhatItHoldsStays() {
        LeaveRequests requests = server(false, CompletableFuture.failedFuture(new IllegalStateException("no answer")));

        requests.ask();
        assertThat(left).hasValue(0);
        assertThat(err.toString()).contains("not known: no answer");
        requests.ask();
        assertThat(left).hasValue(1);
    }
}
