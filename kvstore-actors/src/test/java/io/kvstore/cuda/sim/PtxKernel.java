package io.kvstore.cuda.sim;

import java.util.Random;

/** A kernel that was read from PTX, ready to be executed, one thread after the other. */
final class PtxKernel {
    /** The first registers, which the hardware sets. */
    static final int THREAD = 0;

    static final int THREADS = 1;
    static final int BLOCK = 2;
    static final int BLOCKS = 3;
    static final int SPECIALS = 4;

    /** Where {@code ret} jumps to. */
    static final int END = Integer.MAX_VALUE;

    private static final long MOST_INSTRUCTIONS = 500_000_000;

    private final String name;
    private final int parameterBytes;
    private final int mostThreads;
    private final long[] registers;
    private final Instruction[] code;

    PtxKernel(String name, int parameterBytes, int mostThreads, long[] registers, Instruction[] code) {
        this.name = name;
        this.parameterBytes = parameterBytes;
        this.mostThreads = mostThreads;
        this.registers = registers;
        this.code = code;
    }

    String name() {
        return name;
    }

    int parameterBytes() {
        return parameterBytes;
    }

    /** How many threads a block may have. */
    int mostThreads() {
        return mostThreads;
    }

    /**
     * Executes all threads of all blocks, the blocks forwards or backwards.
     *
     * @throws DeviceSpace.Violation at the first bad access
     * @throws IllegalStateException if it does not end
     */
    void execute(int blocks, int threads, PtxMemory memory, Random random) {
        PtxThread thread = new PtxThread(registers.clone(), memory);
        thread.registers[THREADS] = threads;
        thread.registers[BLOCKS] = blocks;
        boolean backwards = random.nextBoolean();
        long budget = MOST_INSTRUCTIONS;
        for (int b = 0; b < blocks; b++) {
            thread.registers[BLOCK] = backwards ? blocks - 1 - b : b;
            for (int t = 0; t < threads; t++) {
                thread.registers[THREAD] = t;
                budget -= run(thread, budget);
            }
        }
    }

    private long run(PtxThread thread, long budget) {
        thread.next = 0;
        long count = 0;
        while (thread.next < code.length) {
            if (++count > budget) {
                throw new IllegalStateException("kernel " + name + " does not end");
            }
            code[thread.next++].execute(thread);
        }
        return count;
    }
}
