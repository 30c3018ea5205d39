package io.kvstore.examples.benchmarks.compare;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/** One worker's rounds: timed ones that push the same numbers, and ones that push others and compare what comes back. */
final class Rounds {
    private static final int TIMED = 0;
    private static final int CHECKED = 1;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final Side side;
    private final Work work;
    private final int worker;
    private final Values values;
    private final float[][] gradients;
    private final float[] scratch;
    private final float[] expected;
    private final long[] count = new long[Values.VARIANTS];

    Rounds(Side side, Work work, int worker) {
        this.side = side;
        this.work = work;
        this.worker = worker;
        values = new Values(work);
        gradients = new float[work.refills() ? work.arrays().size() : 0][];
        for (int key = 0; key < gradients.length; key++) {
            gradients[key] = new float[work.arrays().lengths().get(key)];
            values.fill(key, worker, 0, TIMED, gradients[key]);
        }
        scratch = new float[work.arrays().longest()];
        expected = new float[work.arrays().longest()];
        write(TIMED);
    }

    /** The rounds' times, and the processor time of this thread between them; all in nanoseconds. */
    record Times(long[] rounds, long between) {}

    Times run(int rounds) {
        long[] times = new long[rounds];
        long between = 0;
        for (int round = 0; round < rounds; round++) {
            long before = THREADS.getCurrentThreadCpuTime();
            refill();
            between += THREADS.getCurrentThreadCpuTime() - before;
            meet();
            long start = System.nanoTime();
            round();
            times[round] = System.nanoTime() - start;
        }
        count[TIMED] += rounds;
        return new Times(times, between);
    }

    /**
     * Pushes other numbers, and compares every element of every pulled array.
     *
     * @throws WrongValueException for the first difference
     */
    void check() {
        write(CHECKED);
        meet();
        round();
        count[CHECKED]++;
        if (!work.type().equals("dist_async")) { // there, the others' pushes of this round may still be on their way
            compare();
        }
        meet();
        side.pull();
        compare();
        meet();
        write(TIMED);
    }

    private void round() {
        if (work.fused()) {
            side.pushPull();
        } else {
            side.push();
            side.pull();
        }
    }

    /** No worker begins a round while another still prepares its arrays. */
    private void meet() {
        if (work.workers() > 1) {
            side.barrier();
        }
    }

    private void refill() {
        for (int key = 0; key < gradients.length; key++) {
            side.write(key, 0, gradients[key]);
        }
    }

    private void write(int variant) {
        for (int key = 0; key < work.arrays().size(); key++) {
            for (int device = 0; device < work.devices(); device++) {
                values.fill(key, worker, device, variant, scratch);
                side.write(key, device, scratch);
            }
        }
    }

    private void compare() {
        for (int key = 0; key < work.arrays().size(); key++) {
            values.expect(key, count, CHECKED, expected);
            for (int device = 0; device < work.devices(); device++) {
                side.read(key, device, scratch);
                values.check(key, expected, scratch);
            }
        }
    }
}
