package io.kvstore.cluster.conformance;

import static io.kvstore.cluster.conformance.Values.assertFilled;
import static io.kvstore.cluster.conformance.Values.filled;

import io.kvstore.cluster.TestServers;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Rounds must not wait for room that only a later round would give. */
class WindowTest {
    private static final int KEYS = 200;
    private static final int ELEMENTS = 25_000; // 100 kB, so that a window holds ten keys

    @Test
    void workersThatPushTheirKeysInOppositeOrdersDoNotWaitForEachOther() {
        String small = """
                kvstore.window-bytes = 1 MiB
                kvstore.rounds.held-bytes = 1 MiB
                kvstore.in-flight-bytes = 1 MiB
                """;
        try (TestServers servers = TestServers.start(2, small);
                Workers workers = Workers.of(servers, "dist_sync", 2, small)) {
            workers.all(kv -> {
                List<Integer> keys =
                        new ArrayList<>(IntStream.range(0, KEYS).boxed().toList());
                kv.init(keys, Collections.nCopies(KEYS, filled(0, ELEMENTS)));
                if (kv.rank() == 1) {
                    Collections.reverse(keys);
                }
                for (int round = 1; round <= 2; round++) {
                    for (int key : keys) {
                        kv.push(key, filled(round * (kv.rank() + 1), ELEMENTS));
                    }
                    for (int key : keys) {
                        assertFilled(kv.pull(key), round * 3);
                    }
                }
                return null;
            });
        }
    }
}
