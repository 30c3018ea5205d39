package io.kvstore.cluster.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SerialTest {
    private static final Executor NOBODY = task -> {
        throw new AssertionError("nobody else is needed");
    };

    private final List<String> seen = new ArrayList<>();
    private final Serial serial = new Serial(() -> seen.add("burst"), NOBODY);

    @Test
    void aTaskRunsOnTheThreadThatBringsIt() {
        serial.execute(() -> seen.add(Thread.currentThread().getName()));

        assertThat(seen).containsExactly(Thread.currentThread().getName(), "burst");
    }

    @Test
    void aTaskThatATaskBringsRunsAfterIt() {
        serial.execute(() -> {
            serial.execute(() -> seen.add("inner"));
            seen.add("outer");
        });

        assertThat(seen).startsWith("outer", "inner", "burst");
    }

    @Test
    void whatComesTogetherIsOneBurst() {
        serial.together(() -> {
            serial.execute(() -> seen.add("a"));
            serial.execute(() -> seen.add("b"));
            seen.add("added");
        });

        assertThat(seen).containsExactly("added", "a", "b", "burst");
    }

    @Test
    void muchIsNotHeldBack() {
        serial.together(() -> {
            serial.execute(() -> seen.add("a"), 1 << 20);
            seen.add("more to come");
        });

        assertThat(seen).startsWith("a", "burst", "more to come");
    }

    @Test
    void whatIsHeldBackRunsEvenIfTheRestFails() {
        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> serial.together(() -> {
                    serial.execute(() -> seen.add("a"));
                    throw new IllegalStateException("the rest");
                })))
                .hasMessage("the rest");

        assertThat(seen).containsExactly("a", "burst");
    }

    @Test
    void aTaskThatFailsDoesNotStopTheNext() {
        serial.execute(() -> {
            throw new IllegalStateException("for this test");
        });
        serial.execute(() -> seen.add("next"));

        assertThat(seen).containsExactly("burst", "next", "burst");
    }

    @Test
    void noErrorOfATaskStopsTheNext() {
        serial.execute(() -> {
            throw new OutOfMemoryError("for this test");
        });
        serial.execute(() -> seen.add("next"));

        assertThat(seen).containsExactly("burst", "next", "burst");
    }

    @Test
    void whereNobodyTakesOverTheThreadGoesOn() {
        AtomicInteger run = new AtomicInteger();
        Serial alone = new Serial(() -> {}, task -> {
            throw new RejectedExecutionException("for this test");
        });
        alone.together(() -> {
            for (int i = 0; i < 5000; i++) {
                alone.add(run::incrementAndGet);
            }
        });

        assertThat(run.get()).isEqualTo(5000);
    }

    @Test
    void aThreadThatHasRunManyTasksLeavesTheRestToAnother() {
        List<Runnable> others = new ArrayList<>();
        AtomicInteger run = new AtomicInteger();
        Serial shared = new Serial(() -> {}, others::add);
        shared.together(() -> {
            for (int i = 0; i < 5000; i++) {
                shared.add(run::incrementAndGet);
            }
        });

        assertThat(run.get()).isLessThan(5000);
        others.remove(0).run();
        assertThat(run.get()).isEqualTo(5000);
        shared.execute(run::incrementAndGet);
        assertThat(run.get()).as("nobody is left who seems to run tasks").isEqualTo(5001);
        assertThat(others).isEmpty();
    }

    /** A lost task would be a call that never ends; two at once would break the session's state. */
    @Test
    void tasksOfManyThreadsRunOneAtATimeAndInTheOrderOfEach() throws InterruptedException {
        int threads = 4;
        int each = 20_000;
        int[] last = new int[threads];
        int[] total = new int[1];
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger broken = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(threads * each);
        Serial shared = new Serial(() -> {}, task -> new Thread(task).start());
        for (int t = 0; t < threads; t++) {
            int own = t;
            new Thread(() -> {
                        for (int i = 1; i <= each; i++) {
                            int number = i;
                            shared.execute(() -> {
                                broken.addAndGet(inside.getAndIncrement());
                                broken.addAndGet(number == last[own] + 1 ? 0 : 1);
                                last[own] = number;
                                total[0]++;
                                inside.decrementAndGet();
                                done.countDown();
                            });
                        }
                    })
                    .start();
        }

        assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(broken.get()).isZero();
        assertThat(total[0]).isEqualTo(threads * each);
    }
}
