package io.kvstore.cuda.sim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the kernels of a PTX file. What it does not know it refuses by name, with the line. */
final class PtxReader {
    private static final Pattern ENTRY = Pattern.compile("\\.visible \\.entry (\\w+)\\(");
    private static final Pattern PARAMETER = Pattern.compile("\\.param \\.align \\d+ \\.b8 \\w+_param_0\\[(\\d+)\\]");
    private static final Pattern THREADS = Pattern.compile("\\.maxntid (\\d+), 1, 1");
    private static final Pattern LABEL = Pattern.compile("(\\w+):");
    private static final Pattern STATEMENT = Pattern.compile("(?:@(!?)(%p\\d+)\\s+)?([a-z][\\w.]*)\\s*([^;]*);");

    private final Map<String, PtxKernel> kernels = new HashMap<>();
    private String name;
    private int parameterBytes;
    private int mostThreads;
    private final List<Matcher> statements = new ArrayList<>();
    private final Map<String, Integer> labels = new HashMap<>();

    private PtxReader() {}

    /** @throws IllegalArgumentException naming what is not known */
    static Map<String, PtxKernel> read(String ptx) {
        PtxReader reader = new PtxReader();
        int number = 0;
        for (String line : ptx.lines().toList()) {
            number++;
            try {
                reader.line(line.strip());
            } catch (RuntimeException e) {
                throw new IllegalArgumentException(
                        "PTX line " + number + ", " + line.strip() + ": " + e.getMessage(), e);
            }
        }
        return reader.kernels;
    }

    private void line(String line) {
        Matcher entry = ENTRY.matcher(line);
        Matcher parameter = PARAMETER.matcher(line);
        Matcher threads = THREADS.matcher(line);
        Matcher label = LABEL.matcher(line);
        if (entry.matches()) {
            name = entry.group(1);
        } else if (parameter.matches()) {
            parameterBytes = Integer.parseInt(parameter.group(1));
        } else if (threads.matches()) {
            mostThreads = Integer.parseInt(threads.group(1));
        } else if (label.matches()) {
            labels.put(label.group(1), statements.size());
        } else if (line.equals("}")) {
            finish();
        } else if (!isLayout(line)) {
            Matcher statement = STATEMENT.matcher(line);
            if (!statement.matches()) {
                throw new IllegalArgumentException("not understood");
            }
            statements.add(statement);
        }
    }

    /** What says nothing to an interpreter. */
    private static boolean isLayout(String line) {
        return line.isEmpty()
                || line.startsWith("//")
                || line.equals("(")
                || line.equals(")")
                || line.equals("{")
                || line.startsWith(".version")
                || line.startsWith(".target")
                || line.startsWith(".address_size")
                || line.startsWith(".reg")
                || line.startsWith(".pragma");
    }

    private void finish() {
        Operands operands = new Operands(name, labels);
        Instruction[] code = new Instruction[statements.size()];
        for (int i = 0; i < code.length; i++) {
            Matcher statement = statements.get(i);
            Instruction plain = Instructions.of(statement.group(3), operands.of(statement.group(4)));
            code[i] = statement.group(2) == null
                    ? plain
                    : guarded(
                            operands.index(statement.group(2)),
                            statement.group(1).isEmpty() ? 1 : 0,
                            plain);
        }
        kernels.put(name, new PtxKernel(name, parameterBytes, mostThreads, operands.registers(), code));
        statements.clear();
        labels.clear();
    }

    private static Instruction guarded(int predicate, long expected, Instruction instruction) {
        return thread -> {
            if (thread.registers[predicate] == expected) {
                instruction.execute(thread);
            }
        };
    }
}
