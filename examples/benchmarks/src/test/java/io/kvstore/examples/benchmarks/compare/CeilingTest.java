package io.kvstore.examples.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CeilingTest {
    private static final Work WORK = Work.local(2, "3x500000", true, false);
    private static final Pace SHORT = new Pace(1, 0.01, 0.01, 0.01, 0.01, 3);

    static Stream<Ceiling> ceilings() {
        return Stream.of(Ceiling.of(MemoryCeiling::new), Ceiling.of(EchoCeiling::tcp), Ceiling.of(EchoCeiling::unix));
    }

    @ParameterizedTest
    @MethodSource("ceilings")
    void itsRatioIsThePartThatTheStoreReaches(Ceiling ceiling) throws IOException {
        Row store = new Row("store", 1024, 2048, "ms", 2, 0, null);
        Optional<Row> row = ceiling.row("ceiling", store, WORK, SHORT);
        assertThat(row).isPresent();
        assertThat(row.get().ours()).isEqualTo(1024);
        assertThat(row.get().theirs()).isPositive();
        assertThat(row.get().ratio()).isEqualTo(row.get().theirs() / 1024);
    }
}
