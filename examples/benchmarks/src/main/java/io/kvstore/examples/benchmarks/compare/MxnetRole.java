package io.kvstore.examples.benchmarks.compare;

import io.kvstore.examples.benchmarks.mxnet.MxKVStore;
import java.io.IOException;
import java.io.OutputStream;

/**
 * A server or the scheduler of MXNet, as {@code DMLC_ROLE} says, in a process of its own. Ends when the workers have ended, or
 * with standard input.
 */
final class MxnetRole {
    private MxnetRole() {}

    public static void main(String[] arguments) {
        Thread watch = new Thread(MxnetRole::endWithInput, "input");
        watch.setDaemon(true);
        watch.start();
        try (MxKVStore store = MxKVStore.create("dist")) {
            store.runServer((command, body) -> {
                if (command == MxnetSide.SET_OPTIMIZER) {
                    store.setSgd(Double.parseDouble(body));
                }
            });
        }
        System.exit(0);
    }

    private static void endWithInput() {
        try {
            System.in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            System.err.println("standard input cannot be read, which counts as its end: " + e.getMessage());
        }
        Runtime.getRuntime().halt(0); // a server waits for its workers, whatever has become of them
    }
}
