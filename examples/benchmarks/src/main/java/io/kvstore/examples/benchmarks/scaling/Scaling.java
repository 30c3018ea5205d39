package io.kvstore.examples.benchmarks.scaling;

import io.kvstore.KVStore;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * How a store grows: with the number of keys and with their bytes, in one JVM and over TCP with one server, and with the
 * number of workers. Prints a table for each and draws one picture; in both, what is proportional has the same cost per key,
 * byte or worker at every size. Each pulled value is checked.
 *
 * <p>{@code ./mvnw -q compile exec:exec -pl examples/benchmarks -am
 * -Dmain.class=io.kvstore.examples.benchmarks.scaling.Scaling} measures everything, in about five minutes;
 * {@code "-Dargs=keys-dist workers"} only those pieces ({@code keys-local}, {@code keys-dist}, {@code bytes-local},
 * {@code bytes-dist}, {@code workers}) and draws those that were measured before with them. Points and picture go to {@code target/scaling}.
 */
public final class Scaling {
    private static final List<Integer> KEYS = List.of(1000, 3000, 10_000, 30_000, 100_000);
    private static final List<Integer> FLOATS = List.of(10_000, 100_000, 1_000_000, 10_000_000, 30_000_000);
    private static final List<Integer> WORKERS = List.of(1, 2, 4, 8, 16, 32, 64);
    private static final int SMALL = 16;
    private static final int WORKERS_KEYS = 100;
    private static final int WORKERS_FLOATS = 1000;
    private static final double SECONDS = 2;

    private final double seconds;
    private final PrintStream out;

    /** @param seconds how long each size is measured, but at least a few rounds */
    Scaling(double seconds, PrintStream out) {
        this.seconds = seconds;
        this.out = out;
    }

    public static void main(String[] pieces) throws IOException {
        Path folder = Files.createDirectories(Path.of("target", "scaling"));
        Scaling scaling = new Scaling(SECONDS, System.out);
        for (String piece : pieces.length == 0 ? ScalingPicture.PIECES : List.of(pieces)) {
            scaling.piece(piece).write(folder);
        }
        System.out.println("picture: " + ScalingPicture.draw(folder).toAbsolutePath());
    }

    private Growth piece(String name) {
        return switch (name) {
            case "keys-local" -> keys(name, false, KEYS);
            case "keys-dist" -> keys(name, true, KEYS);
            case "bytes-local" -> bytes(name, false, FLOATS);
            case "bytes-dist" -> bytes(name, true, FLOATS);
            case "workers" -> workers(name, WORKERS);
            default ->
                throw new IllegalArgumentException(
                        "no piece is named '" + name + "'; there are " + ScalingPicture.PIECES);
        };
    }

    Growth keys(String name, boolean dist, List<Integer> sizes) {
        String work = "keys of " + SMALL + " floats, " + where(dist);
        return growth(name, "keys", work, sizes, keys -> oneWorker(dist, keys, keys, SMALL));
    }

    Growth bytes(String name, boolean dist, List<Integer> floats) {
        String work = "one key, " + where(dist);
        return growth(name, "bytes", work, floats, each -> oneWorker(dist, (long) each * Float.BYTES, 1, each));
    }

    Growth workers(String name, List<Integer> sizes) {
        String work = "dist_sync, " + WORKERS_KEYS + " keys of " + WORKERS_FLOATS + " floats, one server";
        return growth(name, "workers", work, sizes, workers -> overTcp(workers, workers, WORKERS_KEYS, WORKERS_FLOATS));
    }

    private static String where(boolean dist) {
        return dist ? "dist_sync, one worker and one server" : "local, one device";
    }

    private Growth growth(String name, String unit, String work, List<Integer> sizes, IntFunction<Point> measure) {
        List<Point> points = new ArrayList<>();
        out.println(Growth.head(name, unit, work));
        for (int size : sizes) {
            points.add(measure.apply(size));
            out.println(Growth.row(points.get(points.size() - 1)));
        }
        Growth growth = new Growth(name, unit, work, points);
        out.println(growth.summary());
        return growth;
    }

    private Point oneWorker(boolean dist, long size, int keys, int floats) {
        if (dist) {
            return overTcp(size, 1, keys, floats);
        }
        try (Measurement of = new Measurement(
                1, keys, floats, () -> List.of(KVStore.builder().type("local").build()))) {
            return of.measure(size, seconds);
        }
    }

    private Point overTcp(long size, int workers, int keys, int floats) {
        try (Cluster cluster = new Cluster();
                Measurement of = new Measurement(workers, keys, floats, () -> cluster.workers(workers))) {
            return of.measure(size, seconds);
        }
    }
}
