package io.kvstore.examples.benchmarks.compare;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/** All processes of one side, ready to play rounds. */
final class World implements AutoCloseable {
    private static final long REST_MILLIS = 1500;
    private static final long TICK_NANOS = 10_000_000;

    private final String name;
    private final List<Child> workers;
    private final List<Child> others;

    /**
     * @param name for messages
     * @param workers processes that run {@link Peer}, started
     * @param others servers and what else belongs to the side; they end after the workers
     * @throws ChildException if a worker cannot begin; then all are ended
     */
    World(String name, List<Child> workers, List<Child> others) {
        this.name = name;
        this.workers = workers;
        this.others = others;
        try {
            workers.forEach(World::answer); // ready
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    String name() {
        return name;
    }

    /**
     * Plays rounds, all workers at once.
     *
     * @return the times of all but the first round, of all workers
     */
    Block play(int rounds) {
        Duration before = processorTime();
        workers.forEach(worker -> worker.tell("rounds " + (rounds + 1)));
        long between = 0;
        List<long[]> times = new ArrayList<>();
        for (Child worker : workers) {
            long[] numbers = Arrays.stream(answer(worker).split(" "))
                    .mapToLong(Long::parseLong)
                    .toArray();
            between += numbers[0];
            times.add(Arrays.copyOfRange(numbers, 2, numbers.length));
        }
        double seconds = processorTime().minus(before).minusNanos(between).toNanos() / 1e9;
        long[] all = times.stream().flatMapToLong(LongStream::of).sorted().toArray();
        return new Block(all, seconds / (rounds + 1) / workers.size());
    }

    /** Leaves the side alone for a while. @return one round: that while; less than a clock tick of the processes counts as one */
    Block rest() {
        Duration before = processorTime();
        long start = System.nanoTime();
        try {
            Thread.sleep(REST_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ChildException(name + ": interrupted while it rested");
        }
        Duration used = processorTime().minus(before);
        long[] nanos = {System.nanoTime() - start};
        return new Block(nanos, Math.max(used.toNanos(), TICK_NANOS) / 1e9);
    }

    /** Plays a round of other numbers and compares all that comes back. @throws ChildException if anything is wrong */
    void check() {
        workers.forEach(worker -> worker.tell("check"));
        workers.forEach(World::answer);
    }

    private static String answer(Child worker) {
        String answer = worker.answer().substring(Peer.ANSWER.length());
        if (answer.startsWith(Peer.FAILED)) {
            throw new ChildException(worker.name() + ": " + answer.substring(Peer.FAILED.length()));
        }
        return answer;
    }

    /** What all processes have used so far. */
    Duration processorTime() {
        return LongStream.concat(
                        workers.stream()
                                .mapToLong(child -> child.processorTime().toNanos()),
                        others.stream().mapToLong(child -> child.processorTime().toNanos()))
                .mapToObj(Duration::ofNanos)
                .reduce(Duration.ZERO, Duration::plus);
    }

    @Override
    public void close() {
        workers.forEach(Child::end);
        workers.forEach(Child::close);
        others.forEach(Child::end);
        others.forEach(Child::close);
    }
}
