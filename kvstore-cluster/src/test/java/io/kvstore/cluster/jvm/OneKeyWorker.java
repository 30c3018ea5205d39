package io.kvstore.cluster.jvm;

import io.kvstore.KVStore;
import org.nd4j.linalg.factory.Nd4j;

/** A worker that makes one key and ends. */
public final class OneKeyWorker {
    private OneKeyWorker() {}

    /** Prints what it has pulled. */
    public static void main(String[] arguments) {
        try (KVStore kv = KVStore.create("dist_sync")) {
            kv.init("w", Nd4j.ones(2, 3));
            System.out.println("pulled " + kv.pull("w").sumNumber());
        }
    }
}
