package io.kvstore.cluster.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.Key;
import io.kvstore.actor.Layout;
import io.kvstore.session.Call;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ExplanationsTest {
    private static final Key KEY = Key.of("w");
    private static final Layout LAYOUT = new Layout(Shape.of(2), DType.FLOAT32, false, 2);

    private final OpenCalls calls = new OpenCalls();
    private final SerialCore core = new SerialCore(
            new SessionCore<>(
                    new Nowhere(calls), new BufferPool(1 << 20), Timing.of(TimeUnit.SECONDS.toNanos(10)), true),
            () -> {},
            Runnable::run);
    private String coordinated = "";
    private final Explanations explanations = new Explanations(core, () -> coordinated);

    private Call init() {
        Call call = calls.open(KEY, "init", failure -> {});
        core.execute(logic ->
                logic.init(call.id(), KEY, LAYOUT, Payload.of(DenseTensor.zeros(DType.FLOAT32, LAYOUT.shape()))));
        return call;
    }

    @Test
    void eachCallIsExplainedByWhatTheLogicKnows() {
        core.execute(logic -> logic.registered(new Self("anna", 1, 1, true)));
        assertThat(explanations.of(List.of(init(), init())))
                .satisfiesExactly(
                        first -> assertThat(first)
                                .matches("init of key 'w' has waited [0-9.]+ s: no server has said where 'w' lives"),
                        second -> assertThat(second)
                                .endsWith("it waits for earlier requests of the key, init first:"
                                        + " no server has said where 'w' lives"));
    }

    @Test
    void aSessionThatIsNotRegisteredSaysSo() {
        assertThat(explanations.of(init())).endsWith("this worker has to register again");
    }

    @Test
    void aCallThatTheLogicDoesNotKnowWaitsForTheCoordinatorPerhaps() {
        Call unknown = calls.open(KEY, "pull", failure -> {});
        assertThat(explanations.of(unknown)).endsWith("s: no answer yet");
        coordinated = "the barrier waits for worker 'ben'";
        assertThat(explanations.of(unknown)).endsWith("s: the barrier waits for worker 'ben'");
    }

    @Test
    void whatALogicThatIsStuckWouldSayIsNotWaitedForWithoutEnd() {
        Call call = init();
        Object[] heard = new Object[1];
        core.execute(
                logic -> { // while this runs nobody else's work does
                    Thread asking = new Thread(() -> heard[0] = explanations.of(call));
                    asking.start();
                    try {
                        asking.join(TimeUnit.SECONDS.toMillis(60));
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
        assertThat((String) heard[0]).endsWith("s: no answer yet");
    }
}
