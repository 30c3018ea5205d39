package io.kvstore.cuda.sim;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Gives each register, constant and label of a kernel its index. */
final class Operands {
    private static final Pattern ADDRESS = Pattern.compile("\\[([%\\w]+)(?:\\+(-?\\d+))?]");
    private static final Map<String, Integer> SPECIALS = Map.of(
            "%tid.x", PtxKernel.THREAD,
            "%ntid.x", PtxKernel.THREADS,
            "%ctaid.x", PtxKernel.BLOCK,
            "%nctaid.x", PtxKernel.BLOCKS);

    private final String kernel;
    private final Map<String, Integer> labels;
    private final Map<String, Integer> indices = new HashMap<>(SPECIALS);
    private final List<Long> initial = new ArrayList<>();

    Operands(String kernel, Map<String, Integer> labels) {
        this.kernel = kernel;
        this.labels = labels;
        SPECIALS.forEach((name, index) -> initial.add(0L));
    }

    /**
     * The indices of all operands in their order: a register's or constant's, the elements of a vector in braces one by one;
     * of an address its register, then the constant to add; of a label the statement it stands before.
     */
    int[] of(String text) {
        List<Integer> all = new ArrayList<>();
        for (String part : text.replace("{", "").replace("}", "").split(",")) {
            String operand = part.strip();
            Matcher address = ADDRESS.matcher(operand);
            if (address.matches()) {
                all.add(index(address.group(1)));
                all.add(index(address.group(2) == null ? "0" : address.group(2)));
            } else if (labels.containsKey(operand)) {
                all.add(labels.get(operand));
            } else if (!operand.isEmpty()) {
                all.add(index(operand));
            }
        }
        return all.stream().mapToInt(Integer::intValue).toArray();
    }

    int index(String operand) {
        Integer known = indices.get(operand);
        if (known != null) {
            return known;
        }
        initial.add(operand.startsWith("%") ? 0L : constant(operand));
        indices.put(operand, initial.size() - 1);
        return initial.size() - 1;
    }

    private long constant(String operand) {
        if (operand.equals(kernel + "_param_0")) {
            return 0;
        }
        if (operand.startsWith("0f")) {
            return Integer.parseUnsignedInt(operand.substring(2), 16);
        }
        if (operand.startsWith("0d")) {
            return Long.parseUnsignedLong(operand.substring(2), 16);
        }
        return Long.parseLong(operand);
    }

    /** The registers of a thread that begins. */
    long[] registers() {
        long[] registers = new long[initial.size()];
        Arrays.setAll(registers, initial::get);
        return registers;
    }
}
