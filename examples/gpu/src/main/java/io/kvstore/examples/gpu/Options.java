package io.kvstore.examples.gpu;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * What {@link Check} was asked for.
 *
 * @param devices the groups to check; none for all that there are
 * @param seeds random histories on each group
 * @param results where files of results go, or null for nowhere
 */
record Options(List<DeviceGroup> devices, int seeds, Path results) {
    private static final int SEEDS = 200;

    /** @throws IllegalArgumentException saying what is wrong and what is known */
    static Options of(String... args) {
        List<DeviceGroup> devices = new ArrayList<>();
        int seeds = SEEDS;
        Path results = null;
        for (Iterator<String> each = List.of(args).iterator(); each.hasNext(); ) {
            String name = each.next();
            switch (name) {
                case "--devices" -> devices.add(DeviceGroup.of(value(name, each)));
                case "--seeds" -> seeds = number(name, value(name, each));
                case "--results" -> results = Path.of(value(name, each));
                default ->
                    throw new IllegalArgumentException("unknown option " + name
                            + "; there are --devices gpu(0),gpu(0), --seeds 200 and --results folder");
            }
        }
        return new Options(List.copyOf(devices), seeds, results);
    }

    private static String value(String name, Iterator<String> rest) {
        if (!rest.hasNext()) {
            throw new IllegalArgumentException("option " + name + " needs a value");
        }
        return rest.next();
    }

    private static int number(String name, String text) {
        try {
            return Integer.parseUnsignedInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("option " + name + " needs a number, given " + text, e);
        }
    }
}
