package io.kvstore.cluster.failure;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.Reason;
import io.kvstore.cluster.jvm.Jvm;
import io.kvstore.cluster.jvm.JvmCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;

/** A {@link WorkerMain} in a process of its own, from the test's side. */
final class RemoteWorker {
    /** For what is no promise about time. */
    static final Duration PATIENCE = Duration.ofSeconds(60);

    /** What becomes of one operation. */
    final class Outcome {
        private final String operation;
        private final int number;

        private Outcome(String operation, int number) {
            this.operation = operation;
            this.number = number;
        }

        /** The text of its success, which comes within {@code limit}. */
        String within(Duration limit) {
            Matcher line = line(limit);
            assertThat(line.group(1)).as(jvm.tell(operation)).isEqualTo("OK");
            return line.group(2);
        }

        /** The message of its failure for that reason, which comes within {@code limit}. */
        String failsWithin(Duration limit, Reason reason) {
            Matcher line = line(limit);
            assertThat(line.group(1)).as(jvm.tell(operation)).isEqualTo(reason.name());
            return line.group(2);
        }

        /** How it ended within {@code limit}: {@code OK}, or a reason. */
        String ends(Duration limit) {
            return line(limit).group(1);
        }

        boolean isOpen() {
            return jvm.output().stream().noneMatch(line -> line.startsWith("= " + number + " "));
        }

        private Matcher line(Duration limit) {
            return jvm.awaitLine("^= " + number + " (\\w+) (.*)$", limit);
        }
    }

    private final Jvm jvm;
    private int last;

    private RemoteWorker(Jvm jvm) {
        this.jvm = jvm;
    }

    /**
     * Starts {@code worker-0} to {@code worker-(n-1)} and waits until all have the store.
     *
     * @param settings {@code name=value}
     */
    static List<RemoteWorker> start(JvmCluster cluster, String store, int n, String... settings) {
        List<RemoteWorker> workers = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            workers.add(begin(cluster, cluster.seedNodes(), store, "worker-" + i, n, settings));
        }
        workers.forEach(RemoteWorker::awaitCreated);
        return workers;
    }

    /** Starts one, which may have to wait for others. */
    static RemoteWorker begin(JvmCluster cluster, String seeds, String store, String name, int n, String... settings) {
        List<String> arguments = new ArrayList<>(List.of("dist_sync", "slice-bytes=16KiB", "close-timeout=2s"));
        arguments.addAll(List.of(settings));
        Map<String, String> environment = Map.of(
                "KVSTORE_SEED_NODES", seeds,
                "KVSTORE_WORKERS", Integer.toString(n),
                "KVSTORE_WORKER_NAME", name,
                "KVSTORE_STORE_NAME", store);
        return new RemoteWorker(cluster.start(name, WorkerMain.class, environment, arguments.toArray(String[]::new)));
    }

    /** @return its rank */
    int awaitCreated() {
        return Integer.parseInt(
                jvm.awaitLine("^created rank (\\d+) of \\d+$", JvmCluster.START).group(1));
    }

    /** Begins an operation, such as {@code push w 10 1.5}. */
    Outcome begin(String operation) {
        int number = ++last;
        jvm.writeLine(number + " " + operation);
        return new Outcome(operation, number);
    }

    /** Does it in each, at the same time. @return the outcomes, by worker */
    static List<String> all(List<RemoteWorker> workers, String operation) {
        List<Outcome> outcomes =
                workers.stream().map(worker -> worker.begin(operation)).toList();
        return outcomes.stream().map(outcome -> outcome.within(PATIENCE)).toList();
    }

    String run(String operation) {
        return begin(operation).within(PATIENCE);
    }

    Jvm jvm() {
        return jvm;
    }
}
