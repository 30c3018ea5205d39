package io.kvstore.examples.gpu;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * What a program here was asked for.
 *
 * @param devices the groups to check; none for all that there are
 * @param seeds random histories on each group
 * @param time how long a soak lasts
 * @param results where files of results go, or null for nowhere
 */
record Options(List<DeviceGroup> devices, int seeds, Duration time, Path results) {
    private static final int SEEDS = 200;
    private static final Duration TIME = Duration.ofMinutes(10);

    /** As {@link #of}; wrong ones end the program with one line and code 2. */
    static Options orExit(String... args) {
        try {
            return of(args);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(2);
            throw e;
        }
    }

    /** @throws IllegalArgumentException saying what is wrong and what is known */
    static Options of(String... args) {
        List<DeviceGroup> devices = new ArrayList<>();
        int seeds = SEEDS;
        Duration time = TIME;
        Path results = null;
        for (Iterator<String> each = List.of(args).iterator(); each.hasNext(); ) {
            String name = each.next();
            switch (name) {
                case "--devices" -> devices.add(DeviceGroup.of(value(name, each)));
                case "--seeds" -> seeds = (int) number(name, value(name, each));
                case "--minutes" -> time = Duration.ofMillis((long) (60_000 * number(name, value(name, each))));
                case "--results" -> results = Path.of(value(name, each));
                default ->
                    throw new IllegalArgumentException("unknown option " + name
                            + "; there are --devices gpu(0),gpu(0), --seeds 200, --minutes 10 and --results folder");
            }
        }
        return new Options(List.copyOf(devices), seeds, time, results);
    }

    private static String value(String name, Iterator<String> rest) {
        if (!rest.hasNext()) {
            throw new IllegalArgumentException("option " + name + " needs a value");
        }
        return rest.next();
    }

    private static double number(String name, String text) {
        try {
            double number = Double.parseDouble(text);
            if (number > 0 && number <= Integer.MAX_VALUE) {
                return number;
            }
            throw new IllegalArgumentException("option " + name + " needs a number above 0, given " + text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("option " + name + " needs a number, given " + text, e);
        }
    }
}
