package io.kvstore.examples.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ProgramsTest {
    private static List<String> linesOf(Consumer<PrintStream> program) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        program.accept(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        return bytes.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void aProgramGoesOnWhenItsGuestHasLeft() {
        List<String> lines = linesOf(Embed::run);

        assertThat(lines).hasSize(19);
        assertThat(lines.get(0)).isEqualTo("store 'local' is a guest of actor system 'my-program'");
        assertThat(lines.get(1))
                .startsWith("step  1  weight [1.5, -1.0, 0.25, 0.5]")
                .endsWith("error 1.5e+00");
        assertThat(lines.get(16)).startsWith("step 16  weight [2.9999542, ").endsWith("error 4.6e-05");
        assertThat(lines.get(17)).isEqualTo("store closed; the program's own actor answers: still here");
        assertThat(lines.get(18)).isEqualTo("actor system terminated by the program");
    }

    @Test
    void membersOfTheProgramsOwnClusterTrainTogether() {
        assertThat(linesOf(ClusterGuest::run))
                .containsExactly(
                        "worker-0: error 4.6e-05",
                        "worker-1: error 4.6e-05",
                        "the stores are closed, the cluster has 3 members still");
    }

    @Test
    void aStoreOutlivesTheInterfaceThatLookedAtIt() {
        assertThat(linesOf(Messages::run))
                .containsExactly(
                        "Add [1, 10]    -> Added[count=1]",
                        "Add [2, 20]    -> Added[count=2]",
                        "Add [1, 2, 3]  -> Rejected[reason=SHAPE_MISMATCH, message=push expects shape (2,), given (3,)]",
                        "Add [6, 60]    -> Added[count=3]",
                        "GetMean        -> Mean[values=[3.0, 30.0], count=3]",
                        "kv.pull(total) -> [9.0, 90.0]",
                        "kv is closed, its store is not",
                        "GetMean        -> Mean[values=[3.0, 30.0], count=3]");
    }

    @Test
    void theTourPrintsTheValuesOfMxnetsDocumentation() {
        List<String> values = linesOf(out -> new MxnetTour(out).run()).stream()
                .filter(line -> line.startsWith("  "))
                .map(line -> line.strip())
                .toList();

        assertThat(values)
                .containsExactly(
                        "init(3, twos) -> " + all("2.0"),
                        "push(3, eights) -> " + all("8.0"),
                        "push(3, [ones x 4]) -> " + all("4.0"),
                        "setUpdater(..) -> " + all("4.0"),
                        "(the updater runs for key 3)",
                        "push(3, ones) -> " + all("6.0"),
                        "pull(3, four outs), the last -> " + all("6.0"),
                        "push([5, 7, 9], ones each), key 9 -> " + all("3.0"),
                        "no updater, push([5, 7, 9], [ones x 4] each), key 9 -> " + all("4.0"),
                        "init(3, ones) -> ALREADY_INITIALIZED, key 3: init of a key that exists with shape (2, 3) and"
                                + " type float32; push to change it, or delete it first",
                        "push(4, ones) -> NOT_INITIALIZED, key 4: push of a key that was not initialised; init it"
                                + " first",
                        "push(3, ones of shape (3, 2)) -> SHAPE_MISMATCH, key 3: push expects shape (2, 3), given (3,"
                                + " 2)",
                        "pull(\"three\") -> MIXED_KEY_KINDS, key 'three': pull with a key of the wrong kind: this store"
                                + " holds integer keys, given the string 'three'",
                        "pull(3) -> " + all("6.0"),
                        "push(\"weight\", ones) -> " + all("-0.01"));
    }

    private static String all(String value) {
        String row = "[" + value + ", " + value + ", " + value + "]";
        return "[" + row + ", " + row + "]";
    }
}
