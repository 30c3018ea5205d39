package io.kvstore.examples.benchmarks.compare;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The least that a work takes on this machine, by means that do nothing else. */
@FunctionalInterface
interface Ceiling {
    /** Milliseconds of rounds, after a warm-up; none where the machine lacks what is needed. */
    double[] millis(Work work, double seconds) throws IOException;

    /** What moves the bytes of a round, in this process. */
    interface Mover extends AutoCloseable {
        void round() throws IOException;

        @Override
        void close() throws IOException;
    }

    @FunctionalInterface
    interface Opening {
        Mover open(Work work) throws IOException;
    }

    static Ceiling of(Opening opening) {
        return (work, seconds) -> {
            try (Mover mover = opening.open(work)) {
                run(mover, seconds / 2);
                return run(mover, seconds);
            }
        };
    }

    private static double[] run(Mover mover, double seconds) throws IOException {
        List<Double> millis = new ArrayList<>();
        long end = System.nanoTime() + (long) (seconds * 1e9);
        do {
            long start = System.nanoTime();
            mover.round();
            millis.add((System.nanoTime() - start) / 1e6);
        } while (System.nanoTime() < end);
        return millis.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /**
     * The ceiling beside the store; its ratio is the part of the ceiling that the store reaches.
     *
     * @param name of the row
     * @param store the row of the store, in milliseconds
     */
    default Optional<Row> row(String name, Row store, Work work, Pace pace) throws IOException {
        double[] millis = millis(work, pace.blockSeconds() * pace.blocks());
        if (millis.length == 0) {
            return Optional.empty();
        }
        double[] ratios = Arrays.stream(millis).map(each -> each / store.ours()).toArray();
        return Optional.of(Row.of(name, store.unit(), new double[] {store.ours()}, millis, ratios, null));
    }
}
