package io.kvstore.examples.benchmarks.compare;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What all sides have played, in the order of time; blocks of one number belong together. */
final class Blocks {
    private final Map<Phase, Map<Tuning, List<Block>>> blocks = new EnumMap<>(Phase.class);

    /** Adds a block. @param side MXNet with these settings, or null for this store */
    void add(Phase phase, Tuning side, Block block) {
        blocks.computeIfAbsent(phase, first -> new HashMap<>())
                .computeIfAbsent(side, first -> new ArrayList<>())
                .add(block);
    }

    List<Block> ours(Phase phase) {
        return of(phase, null);
    }

    List<Block> of(Phase phase, Tuning side) {
        return blocks.get(phase).get(side);
    }
}
