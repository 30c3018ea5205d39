package io.kvstore.cuda.sim;

/** One instruction of a kernel, its registers known by index. */
@FunctionalInterface
interface Instruction {
    void execute(PtxThread thread);
}
