package io.kvstore.cuda.sim;

/**
 * The state of one thread of a kernel. Registers of all types are in one array: integers sign-extended, floating numbers as
 * their bits, predicates as 0 and 1; after the registers come the constants.
 */
final class PtxThread {
    final long[] registers;
    final PtxMemory memory;
    int next;

    PtxThread(long[] registers, PtxMemory memory) {
        this.registers = registers;
        this.memory = memory;
    }

    int integer(int register) {
        return (int) registers[register];
    }

    float f32(int register) {
        return Float.intBitsToFloat((int) registers[register]);
    }

    double f64(int register) {
        return Double.longBitsToDouble(registers[register]);
    }

    /** A GPU's arithmetic makes every NaN the same one. */
    void f32(int register, float value) {
        registers[register] = value != value ? 0x7fffffff : Float.floatToRawIntBits(value);
    }

    void f64(int register, double value) {
        registers[register] = value != value ? 0x7fffffffffffffffL : Double.doubleToRawLongBits(value);
    }
}
