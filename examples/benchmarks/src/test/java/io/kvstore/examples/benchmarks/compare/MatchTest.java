package io.kvstore.examples.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a comparison tells, and when it refuses to, with both sides played by {@link MemorySide}. */
class MatchTest {
    private static final Pace SHORT = new Pace(1, 0.01, 0.01, 0.1, 0.001, 3);

    private final Closing closing = new Closing();

    @TempDir
    private Path folder;

    @AfterEach
    void end() {
        closing.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aWrongValueOfEitherSideFailsTheRun(boolean ours) {
        assertThatThrownBy(() -> match(true, ours, !ours).play())
                .isInstanceOf(ChildException.class)
                .hasMessageContaining("wrong value: key=1, element=2");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void rightValuesGiveRowsOfTimeAndProcessorTime(boolean sgd) throws IOException {
        assertThat(match(sgd, false, false).play())
                .extracting(Row::name)
                .containsExactly("tiny", "tiny, processor time");
    }

    @Test
    void theFileListsAllFieldsOfEveryRow() throws IOException {
        List<Row> rows = match(false, false, false).play();
        Path file = folder.resolve("new/compare.json");
        Report.write(rows, file);
        List<? extends Config> read = read(file);
        assertThat(read).hasSameSizeAs(rows);
        Config first = read.get(0);
        assertThat(first.getString("name")).isEqualTo("tiny");
        assertThat(first.getString("unit")).isEqualTo("ms");
        for (String field : List.of("ours", "theirs", "ratio")) {
            assertThat(first.getDouble(field)).isPositive();
        }
        assertThat(first.getDouble("spread")).isNotNegative();
        assertThat(first.getDouble("target")).isEqualTo(1.5);
    }

    @Test
    void whatItStartedHasEndedWhenItsClosingHasFinished() throws IOException {
        match(false, false, false).play();
        closing.finish();
        assertThat(ProcessHandle.current().children().filter(ProcessHandle::isAlive))
                .isEmpty();
    }

    @Test
    void theRatioIsTheMedianOfPairsAndAboveOneWhereThisStoreIsAhead() {
        Work work = Work.local(1, "10x4", true, false);
        List<Block> ours = List.of(block(128), block(256), block(512));
        List<Block> theirs = List.of(block(256), block(768), block(512));
        Row time = Metric.ROUND.row("a", work, ours, theirs, null);
        assertThat(time.ratio()).isEqualTo(2);
        assertThat(time.spread()).isEqualTo((3.0 - 1.0) / 2);
        assertThat(Metric.KEY_OPERATIONS.row("a", work, ours, theirs, null).ratio())
                .isEqualTo(2);
    }

    private static Block block(long nanos) {
        return new Block(new long[] {nanos, nanos, nanos}, 0);
    }

    static List<? extends Config> read(Path file) throws IOException {
        return ConfigFactory.parseString("rows: " + Files.readString(file)).getConfigList("rows");
    }

    private Match match(boolean sgd, boolean oursSpoilt, boolean theirsSpoilt) {
        Work work = Work.local(2, "3x5", !sgd, sgd);
        Experiment experiment = Experiment.bulk("tiny", work, 1.5);
        return new Match(
                experiment,
                SHORT,
                (its, mxnet) -> {
                    boolean spoilt = mxnet == null ? oursSpoilt : theirsSpoilt;
                    List<String> command =
                            List.of(MemorySide.class.getName(), spoilt ? MemorySide.SPOILT : "", its.text(), "0");
                    Child worker = new Child("worker", Map.of(), line -> line.startsWith(Peer.ANSWER), command);
                    return new World("memory", List.of(worker), List.of());
                },
                closing);
    }
}
