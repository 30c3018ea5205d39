package io.kvstore.cluster.coordinator;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Which server a worker asks: one that answers, and when it falls silent, the next. */
final class Route {
    private final List<String> seeds;
    private final long patience;
    private List<String> servers;
    private String target;
    private long heard;
    private long turned;

    /**
     * @param start any number; workers that start at different ones spread over the servers
     * @param patience silence in milliseconds after which the next server is asked
     */
    Route(List<String> seeds, long start, long patience, long now) {
        this.seeds = seeds;
        this.servers = seeds;
        this.patience = patience;
        this.target = seeds.get((int) Math.floorMod(start, (long) seeds.size()));
        this.heard = now;
        this.turned = now;
    }

    String target() {
        return target;
    }

    void heard(long now) {
        heard = now;
    }

    long silence(long now) {
        return now - heard;
    }

    /** The servers that are up are {@code up}; seeds stay known, for the day on which none of them is. */
    void learn(List<String> up) {
        Set<String> known = new LinkedHashSet<>(up);
        known.addAll(seeds);
        servers = List.copyOf(known);
        if (!up.isEmpty() && !up.contains(target)) {
            target = up.get(0);
        }
    }

    /** Takes the next server if this one is silent. @return whether it did */
    boolean turnIfSilent(long now) {
        if (now - Math.max(heard, turned) < patience) {
            return false;
        }
        turned = now;
        List<String> ring = new ArrayList<>(servers);
        target = ring.get((ring.indexOf(target) + 1) % ring.size());
        return true;
    }
}
