package io.kvstore.cluster.command;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rows of cells in columns that are as wide as they need to be; numbers stand at the right. */
final class TextTable {
    private static final String GAP = "  ";

    private final List<String[]> rows = new ArrayList<>();
    private final boolean[] numbers;

    TextTable(String... titles) {
        rows.add(titles);
        numbers = new boolean[titles.length];
        Arrays.fill(numbers, true);
    }

    /** @param cells one for each title; a column of which all cells are numbers stands at the right */
    void row(Object... cells) {
        String[] texts = new String[cells.length];
        for (int i = 0; i < cells.length; i++) {
            texts[i] = String.valueOf(cells[i]);
            numbers[i] &= cells[i] instanceof Number;
        }
        rows.add(texts);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.length; i++) {
                String padding = " ".repeat(width(i) - row[i].length());
                line.append(numbers[i] ? padding + row[i] : row[i] + padding).append(GAP);
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    private int width(int column) {
        return rows.stream().mapToInt(row -> row[column].length()).max().orElse(0);
    }
}
