package io.kvstore.examples.benchmarks.compare;

/**
 * What both sides do in each round.
 *
 * @param type {@code local}, {@code dist_sync} or {@code dist_async}
 * @param workers how many processes push and pull
 * @param servers how many processes hold the keys; 0 for {@code local}
 * @param devices arrays that a worker pushes to each key, and pulls from it
 * @param fused whether pushes and pulls are one call; else all keys are pushed by one call and pulled by another
 * @param sgd whether the store applies gradient descent; else a round's sum replaces the value
 */
record Work(String type, int workers, int servers, int devices, ArraySet arrays, boolean fused, boolean sgd) {
    static Work local(int devices, String arrays, boolean fused, boolean sgd) {
        return new Work("local", 1, 0, devices, ArraySet.of(arrays), fused, sgd);
    }

    /** By {@code pushPull}. */
    static Work dist(String type, int workers, int servers, String arrays) {
        return new Work(type, workers, servers, 1, ArraySet.of(arrays), true, type.equals("dist_async"));
    }

    /** As text for another process; see {@link #parse}. */
    String text() {
        return String.join(
                ",",
                type,
                Integer.toString(workers),
                Integer.toString(servers),
                Integer.toString(devices),
                arrays.name(),
                Boolean.toString(fused),
                Boolean.toString(sgd));
    }

    static Work parse(String text) {
        String[] parts = text.split(",");
        return new Work(
                parts[0],
                Integer.parseInt(parts[1]),
                Integer.parseInt(parts[2]),
                Integer.parseInt(parts[3]),
                ArraySet.of(parts[4]),
                Boolean.parseBoolean(parts[5]),
                Boolean.parseBoolean(parts[6]));
    }

    boolean distributed() {
        return servers > 0;
    }

    /**
     * Whether pushed arrays must be written anew before each round: a distributed store of MXNet pulls into the pushed array
     * too, and here what is pulled is not what was pushed. Both sides do it, outside the time that counts.
     */
    boolean refills() {
        return distributed() && (workers > 1 || sgd);
    }

    /** Bytes that one worker pushes and pulls in a round. */
    long bytes() {
        return 2L * Float.BYTES * devices * arrays.floats();
    }
}
