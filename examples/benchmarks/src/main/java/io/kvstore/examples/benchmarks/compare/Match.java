package io.kvstore.examples.benchmarks.compare;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Plays an experiment: starts all sides, checks their values, warms them up, lets them play blocks in turn, and checks
 * their values again.
 */
final class Match {
    private static final int FEWEST = 2;
    private static final int MOST = 5000;

    /** A block with less than this part of the shortest median so far shows that the side still warms up. */
    private static final double GAIN = 0.97;

    private static final int PATIENCE = 6;

    private final Experiment experiment;
    private final Pace pace;
    private final Opening opening;
    private final Closing closing;

    /** Starts a side; {@code null} for this store, else MXNet with these settings. */
    @FunctionalInterface
    interface Opening {
        World open(Work work, Tuning mxnet);
    }

    /** @param closing ends the sides, after {@link #play} has returned */
    Match(Experiment experiment, Pace pace, Opening opening, Closing closing) {
        this.experiment = experiment;
        this.pace = pace;
        this.opening = opening;
        this.closing = closing;
    }

    /** @throws ChildException if a side fails, or gives back a wrong value */
    List<Row> play() throws IOException {
        Blocks blocks = new Blocks();
        for (int launch = 0; launch < pace.launches(); launch++) {
            launch(blocks);
        }
        List<Row> rows = new ArrayList<>(experiment.rows(blocks));
        Row first = rows.get(0);
        for (Map.Entry<String, Ceiling> ceiling : experiment.ceilings().entrySet()) {
            closing.finish();
            String name = experiment.name() + ", ceiling: " + ceiling.getKey();
            ceiling.getValue().row(name, first, experiment.work(), pace).ifPresent(rows::add);
        }
        return rows;
    }

    private void launch(Blocks blocks) throws IOException {
        List<Tuning> sides = new ArrayList<>();
        sides.add(null);
        sides.addAll(experiment.opponents());
        List<World> worlds = open(sides);
        closing.finish();
        try {
            check(worlds);
            List<Integer> rounds = new ArrayList<>();
            for (int side = 0; side < worlds.size(); side++) {
                rounds.add(sides.get(side) == null ? warmUpOurs(worlds.get(side)) : warmUpTheirs(worlds.get(side)));
            }
            for (Phase phase : experiment.phases()) {
                Runnable play = () -> play(phase, sides, worlds, rounds, blocks);
                if (phase.awake()) {
                    Spinners.during(play);
                } else {
                    play.run();
                }
            }
            check(worlds);
        } finally {
            closing.begin(worlds);
        }
    }

    /** All sides at once, for no time counts. */
    private static void check(List<World> worlds) {
        List<CompletableFuture<Void>> checks = worlds.stream()
                .map(world -> CompletableFuture.runAsync(world::check))
                .toList();
        try {
            CompletableFuture.allOf(checks.toArray(CompletableFuture[]::new)).join();
        } catch (CompletionException e) {
            throw thrownBy(e);
        }
    }

    private static RuntimeException thrownBy(CompletionException e) {
        return e.getCause() instanceof RuntimeException cause ? cause : e;
    }

    private void play(Phase phase, List<Tuning> sides, List<World> worlds, List<Integer> rounds, Blocks blocks) {
        for (int block = 0; block < (phase == Phase.RESTING ? 1 : pace.blocks()); block++) {
            for (int side = 0; side < worlds.size(); side++) {
                World world = worlds.get(side);
                Block played = phase == Phase.RESTING ? world.rest() : world.play(rounds.get(side));
                blocks.add(phase, sides.get(side), played);
            }
        }
    }

    private List<World> open(List<Tuning> sides) {
        List<CompletableFuture<World>> openings = sides.stream()
                .map(side -> CompletableFuture.supplyAsync(() -> opening.open(experiment.work(), side)))
                .toList();
        List<World> worlds = new ArrayList<>();
        try {
            openings.forEach(each -> worlds.add(each.join()));
            return worlds;
        } catch (CompletionException e) {
            openings.forEach(each -> each.thenAccept(World::close));
            throw thrownBy(e);
        }
    }

    private int warmUpOurs(World world) {
        int cores = Runtime.getRuntime().availableProcessors();
        return warmUp(world, pace.leastWarmUpSeconds(experiment.work(), cores), PATIENCE);
    }

    private int warmUpTheirs(World world) {
        return warmUp(world, pace.leastWarmUpSeconds(), 0); // it was compiled before it started
    }

    /**
     * Plays for a while, and on until the side no longer gets faster.
     *
     * @param patience how many blocks without gain show that
     * @return how many rounds fill a block
     */
    private int warmUp(World world, double leastSeconds, int patience) {
        long start = System.nanoTime();
        int rounds = 1;
        int blocksWithoutGain = 0;
        double best = Double.MAX_VALUE;
        while (seconds(start) < leastSeconds
                || blocksWithoutGain < patience && seconds(start) < pace.mostWarmUpSeconds()) {
            Block block = world.play(rounds);
            rounds = rounds(block);
            blocksWithoutGain = block.median() < GAIN * best ? 0 : blocksWithoutGain + 1;
            best = Math.min(best, block.median());
        }
        return rounds;
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    private int rounds(Block block) {
        return (int) Math.max(FEWEST, Math.min(MOST, pace.blockSeconds() * 1e9 / block.median()));
    }
}
