package io.kvstore.cluster.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ArrivalsTest {
    private final Arrivals arrivals = new Arrivals();
    private final List<String> told = new ArrayList<>();

    @Test
    void whoWaitsIsToldOnceWhenTheLastOfItsRequestsHasArrived() {
        arrivals.await(Set.of(1L, 2L), () -> told.add("both"));
        arrivals.arrived(2);
        arrivals.arrived(2);
        assertThat(told).isEmpty();
        arrivals.arrived(1);
        arrivals.arrived(1);
        assertThat(told).containsExactly("both");
    }

    @Test
    void anotherRequestIsNotWaitedFor() {
        arrivals.await(Set.of(1L), () -> told.add("one"));
        arrivals.await(Set.of(1L, 2L), () -> told.add("both"));
        arrivals.arrived(3);
        arrivals.arrived(1);
        assertThat(told).containsExactly("one");
    }
}
