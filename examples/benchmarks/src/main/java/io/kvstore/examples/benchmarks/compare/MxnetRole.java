package io.kvstore.examples.benchmarks.compare;

import io.kvstore.examples.benchmarks.mxnet.MxKVStore;
import java.time.Duration;

/**
 * A server or the scheduler of MXNet, as {@code DMLC_ROLE} says, in a process of its own. Ends when the workers have ended, or
 * with standard input.
 */
final class MxnetRole {
    private MxnetRole() {}

    public static void main(String[] arguments) {
        Commands.untilInputEnds(Duration.ZERO); // a server waits for its workers, whatever has become of them
        try (MxKVStore store = MxKVStore.create("dist")) {
            store.runServer((command, body) -> {
                if (command == MxnetSide.SET_OPTIMIZER) {
                    store.setSgd(Double.parseDouble(body));
                }
            });
        }
        System.exit(0);
    }
}
