package io.kvstore.cuda.sim;

import io.kvstore.tensor.Halves;
import java.util.function.DoubleBinaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

/**
 * What each opcode does. Known are those that the shipped kernels have and their nearest kin; any other is refused by its
 * name. Source: NVIDIA, "Parallel Thread Execution ISA".
 */
final class Instructions {
    private Instructions() {}

    /** @param o the operands' indices, the result first */
    static Instruction of(String opcode, int[] o) {
        String[] parts = opcode.split("\\.");
        String type = parts[parts.length - 1];
        return switch (parts[0]) {
            case "ret" -> thread -> thread.next = PtxKernel.END;
            case "bra" -> thread -> thread.next = o[0];
            case "mov", "cvta" ->
                type.equals("pred")
                        ? thread -> thread.registers[o[0]] = thread.registers[o[1]] & 1
                        : thread -> thread.registers[o[0]] = thread.registers[o[1]];
            case "selp" ->
                thread -> thread.registers[o[0]] = thread.registers[thread.registers[o[3]] != 0 ? o[1] : o[2]];
            case "setp" -> compare(parts[1], type, o);
            case "cvt" -> convert(opcode, o);
            case "ld" -> load(parts, o);
            case "st" -> store(parts, o);
            case "add", "sub", "mul", "div", "neg", "sqrt" -> arithmetic(opcode, parts, type, o);
            case "and" -> logic(type, o, (a, b) -> a & b);
            case "or" -> logic(type, o, (a, b) -> a | b);
            case "xor" -> logic(type, o, (a, b) -> a ^ b);
            case "shl" -> binary(o, (a, b) -> narrow(type, b >= bits(type) ? 0 : a << b));
            case "shr" -> shiftRight(type, o);
            case "bfe" -> extract(opcode, o);
            default -> throw unknown(opcode);
        };
    }

    private static IllegalArgumentException unknown(String opcode) {
        return new IllegalArgumentException("unknown instruction " + opcode);
    }

    private static int bits(String type) {
        return Integer.parseInt(type.substring(1));
    }

    /** An integer as a register of that type keeps it, sign-extended. */
    private static long narrow(String type, long value) {
        return switch (bits(type)) {
            case 8 -> (byte) value;
            case 16 -> (short) value;
            case 32 -> (int) value;
            default -> value;
        };
    }

    /** The value of an unsigned register. */
    private static long unsigned(int bits, long value) {
        return bits == 64 ? value : value & (1L << bits) - 1;
    }

    private static Instruction binary(int[] o, LongBinaryOperator operator) {
        return thread -> thread.registers[o[0]] = operator.applyAsLong(thread.registers[o[1]], thread.registers[o[2]]);
    }

    /** A predicate's constant for true is -1. */
    private static Instruction logic(String type, int[] o, LongBinaryOperator operator) {
        return binary(o, type.equals("pred") ? (a, b) -> operator.applyAsLong(a, b) & 1 : operator);
    }

    private static Instruction shiftRight(String type, int[] o) {
        int width = bits(type);
        return type.startsWith("s")
                ? binary(o, (a, b) -> a >> Math.min(b, width - 1))
                : binary(o, (a, b) -> narrow(type, b >= width ? 0 : unsigned(width, a) >>> b));
    }

    private static Instruction extract(String opcode, int[] o) {
        if (!opcode.equals("bfe.u32")) {
            throw unknown(opcode);
        }
        return thread -> {
            int length = thread.integer(o[3]);
            long mask = length >= 32 ? -1 : (1L << length) - 1;
            thread.registers[o[0]] = (int) (unsigned(32, thread.registers[o[1]]) >>> thread.integer(o[2]) & mask);
        };
    }

    private static Instruction arithmetic(String opcode, String[] parts, String type, int[] o) {
        return switch (opcode) {
            case "add.rn.f32" -> thread -> thread.f32(o[0], thread.f32(o[1]) + thread.f32(o[2]));
            case "sub.rn.f32" -> thread -> thread.f32(o[0], thread.f32(o[1]) - thread.f32(o[2]));
            case "mul.rn.f32" -> thread -> thread.f32(o[0], thread.f32(o[1]) * thread.f32(o[2]));
            case "div.rn.f32" -> thread -> thread.f32(o[0], thread.f32(o[1]) / thread.f32(o[2]));
            case "neg.f32" -> thread -> thread.f32(o[0], -thread.f32(o[1]));
            case "sqrt.rn.f32" -> thread -> thread.f32(o[0], (float) Math.sqrt(thread.f32(o[1])));
            case "add.rn.f64" -> doubles(o, (a, b) -> a + b);
            case "sub.rn.f64" -> doubles(o, (a, b) -> a - b);
            case "mul.rn.f64" -> doubles(o, (a, b) -> a * b);
            case "div.rn.f64" -> doubles(o, (a, b) -> a / b);
            case "neg.f64" -> thread -> thread.f64(o[0], -thread.f64(o[1]));
            case "sqrt.rn.f64" -> thread -> thread.f64(o[0], Math.sqrt(thread.f64(o[1])));
            default -> integers(opcode, parts, type, o);
        };
    }

    private static Instruction doubles(int[] o, DoubleBinaryOperator operator) {
        return thread -> thread.f64(o[0], operator.applyAsDouble(thread.f64(o[1]), thread.f64(o[2])));
    }

    private static Instruction integers(String opcode, String[] parts, String type, int[] o) {
        if (type.startsWith("f")) {
            throw unknown(opcode); // without a rounding mode ptxas may fuse it: the bits would not be the host's
        }
        if (parts[0].equals("add") && parts.length == 2) {
            return binary(o, (a, b) -> narrow(type, a + b));
        }
        if (parts[0].equals("sub") && parts.length == 2) {
            return binary(o, (a, b) -> narrow(type, a - b));
        }
        if (opcode.startsWith("mul.lo.")) {
            return binary(o, (a, b) -> narrow(type, a * b));
        }
        return switch (opcode) {
            case "mul.wide.s32" -> binary(o, (a, b) -> a * b);
            case "mul.wide.u32" -> binary(o, (a, b) -> unsigned(32, a) * unsigned(32, b));
            default -> throw unknown(opcode);
        };
    }

    private static Instruction compare(String how, String type, int[] o) {
        return switch (type.charAt(0)) {
            case 'f' -> compareFloats(how, type, o);
            case 'u' -> compareIntegers(how, o, value -> value + Long.MIN_VALUE, bits(type));
            default -> compareIntegers(how, o, value -> value, 0);
        };
    }

    /** @param unsignedBits the width of an unsigned type, or 0 */
    private static Instruction compareIntegers(String how, int[] o, LongUnaryOperator order, int unsignedBits) {
        LongUnaryOperator value = unsignedBits == 0 ? order : v -> order.applyAsLong(unsigned(unsignedBits, v));
        return switch (how) {
            case "eq" -> binary(o, (a, b) -> value.applyAsLong(a) == value.applyAsLong(b) ? 1 : 0);
            case "ne" -> binary(o, (a, b) -> value.applyAsLong(a) != value.applyAsLong(b) ? 1 : 0);
            case "lt" -> binary(o, (a, b) -> value.applyAsLong(a) < value.applyAsLong(b) ? 1 : 0);
            case "le" -> binary(o, (a, b) -> value.applyAsLong(a) <= value.applyAsLong(b) ? 1 : 0);
            case "gt" -> binary(o, (a, b) -> value.applyAsLong(a) > value.applyAsLong(b) ? 1 : 0);
            case "ge" -> binary(o, (a, b) -> value.applyAsLong(a) >= value.applyAsLong(b) ? 1 : 0);
            default -> throw unknown("setp." + how);
        };
    }

    /** Those that end in u hold if an operand is NaN. Float32 widens exactly. */
    private static Instruction compareFloats(String how, String type, int[] o) {
        DoubleBinaryOperator holds = switch (how) {
            case "eq" -> (a, b) -> a == b ? 1 : 0;
            case "ne" -> (a, b) -> a < b || a > b ? 1 : 0;
            case "lt" -> (a, b) -> a < b ? 1 : 0;
            case "le" -> (a, b) -> a <= b ? 1 : 0;
            case "gt" -> (a, b) -> a > b ? 1 : 0;
            case "ge" -> (a, b) -> a >= b ? 1 : 0;
            case "equ" -> (a, b) -> a < b || a > b ? 0 : 1;
            case "neu" -> (a, b) -> a != b ? 1 : 0;
            case "ltu" -> (a, b) -> a >= b ? 0 : 1;
            case "leu" -> (a, b) -> a > b ? 0 : 1;
            case "gtu" -> (a, b) -> a <= b ? 0 : 1;
            case "geu" -> (a, b) -> a < b ? 0 : 1;
            case "num" -> (a, b) -> a == a && b == b ? 1 : 0;
            case "nan" -> (a, b) -> a == a && b == b ? 0 : 1;
            default -> throw unknown("setp." + how + "." + type);
        };
        return type.equals("f32")
                ? thread -> thread.registers[o[0]] = (long) holds.applyAsDouble(thread.f32(o[1]), thread.f32(o[2]))
                : thread -> thread.registers[o[0]] = (long) holds.applyAsDouble(thread.f64(o[1]), thread.f64(o[2]));
    }

    private static Instruction convert(String opcode, int[] o) {
        String[] parts = opcode.split("\\.");
        String from = parts[parts.length - 1];
        String to = parts[parts.length - 2];
        if (parts.length == 3 && !from.startsWith("f") && !to.startsWith("f")) {
            int width = bits(from);
            boolean signed = from.startsWith("s");
            return thread -> {
                long value = thread.registers[o[1]];
                thread.registers[o[0]] = narrow(to, signed ? narrow(from, value) : unsigned(width, value));
            };
        }
        return switch (opcode) {
            case "cvt.f32.f16" -> thread -> thread.f32(o[0], Halves.halfToFloat((short) thread.registers[o[1]]));
            case "cvt.rn.f16.f32" -> thread -> thread.registers[o[0]] = half(thread.f32(o[1]));
            case "cvt.f64.f32" -> thread -> thread.f64(o[0], thread.f32(o[1]));
            case "cvt.rn.f32.f64" -> thread -> thread.f32(o[0], (float) thread.f64(o[1]));
            default -> throw unknown(opcode);
        };
    }

    private static short half(float value) {
        return value != value ? 0x7fff : Halves.floatToHalf(value);
    }

    /** {@code ld.global.v4.f32 {a, b, c, d}, [address+offset]} and the like. */
    private static Instruction load(String[] parts, int[] o) {
        int count = vector(parts);
        String type = parts[parts.length - 1];
        int bytes = bits(type) / 8;
        boolean zeroExtended = type.equals("u8"); // there are no registers of 8 bits, and those of 16 keep the sign
        int address = o[count];
        int offset = o[count + 1];
        if (parts[1].equals("param")) {
            return thread -> {
                long at = thread.registers[address] + thread.registers[offset];
                for (int i = 0; i < count; i++) {
                    long value = thread.memory.loadParameter(at + (long) i * bytes, bytes);
                    thread.registers[o[i]] = zeroExtended ? unsigned(8 * bytes, value) : value;
                }
            };
        }
        if (!parts[1].equals("global")) {
            throw unknown(String.join(".", parts));
        }
        return thread -> {
            long at = thread.registers[address] + thread.registers[offset];
            Allocation allocation = thread.memory.access(at, bytes * count, false);
            for (int i = 0; i < count; i++) {
                long value = allocation.load(DeviceSpace.offsetOf(at) + i * bytes, bytes);
                thread.registers[o[i]] = zeroExtended ? unsigned(8 * bytes, value) : value;
            }
        };
    }

    private static Instruction store(String[] parts, int[] o) {
        if (!parts[1].equals("global")) {
            throw unknown(String.join(".", parts));
        }
        int count = vector(parts);
        int bytes = bits(parts[parts.length - 1]) / 8;
        return thread -> {
            long at = thread.registers[o[0]] + thread.registers[o[1]];
            Allocation allocation = thread.memory.access(at, bytes * count, true);
            for (int i = 0; i < count; i++) {
                allocation.store(DeviceSpace.offsetOf(at) + i * bytes, bytes, thread.registers[o[2 + i]]);
            }
        };
    }

    private static int vector(String[] parts) {
        return parts.length == 4 ? Integer.parseInt(parts[2].substring(1)) : 1;
    }
}
