package io.kvstore.examples.training;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Reader of a table from CSV text: features, then the label in the last column.
 *
 * <p>The separator is a comma, a semicolon or a tab, taken from the first line. The first line is a header when none of
 * its feature cells is a number. Every error names the line and column, both counted from 1.
 */
final class CsvReader {
    static final Pattern NUMBER = Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");
    private static final Pattern NOT_FINITE = Pattern.compile("[+-]?(nan|inf(inity)?)", Pattern.CASE_INSENSITIVE);

    private final String name;
    private final List<double[]> features = new ArrayList<>();
    private final List<String> labels = new ArrayList<>();
    private List<String> header = List.of();
    private char separator;
    private int columns;
    private int firstLine;
    private int line;

    private CsvReader(String name) {
        this.name = name;
    }

    static Table read(Path file) {
        try (BufferedReader text = Files.newBufferedReader(file)) {
            return read(file.getFileName().toString(), text);
        } catch (NoSuchFileException e) {
            throw new InputException("--csv " + file + ": no such file");
        } catch (AccessDeniedException e) {
            throw new InputException("--csv " + file + ": permission denied");
        } catch (CharacterCodingException e) {
            throw new InputException("--csv " + file + ": not UTF-8 text; save it as CSV in UTF-8");
        } catch (IOException e) {
            String why = Files.isDirectory(file) ? "a directory, a CSV file expected" : e.getMessage();
            throw new InputException("--csv " + file + ": " + why);
        }
    }

    static Table read(String name, BufferedReader text) throws IOException {
        CsvReader reader = new CsvReader(name);
        for (String line = text.readLine(); line != null; line = text.readLine()) {
            reader.line++;
            String content = reader.line == 1 && line.startsWith("\uFEFF") ? line.substring(1) : line;
            if (!content.isBlank()) {
                reader.add(content);
            }
        }
        if (reader.columns == 0) {
            throw new InputException(name + " is empty");
        }
        return Labels.table(name, reader.features, reader.labels);
    }

    private void add(String content) {
        boolean first = columns == 0;
        if (first) {
            separator = CsvLine.separatorOf(content);
        }
        List<String> cells = split(content);
        if (first) {
            columns = cells.size();
            firstLine = line;
            if (columns < 2) {
                throw atLine(
                        "two columns or more expected (features, then the label), given 1; separate them by , ; or tab");
            }
            if (isHeader(cells)) {
                header = cells;
                return;
            }
        }
        if (cells.size() != columns) {
            throw atLine(columns + " columns expected (as in line " + firstLine + "), given " + cells.size());
        }
        addRow(cells);
    }

    private List<String> split(String content) {
        try {
            return CsvLine.split(content, separator);
        } catch (InputException e) {
            throw atLine(e.getMessage());
        }
    }

    private static boolean isHeader(List<String> cells) {
        return cells.subList(0, cells.size() - 1).stream().noneMatch(cell -> cell.isEmpty() || isNumeric(cell));
    }

    private static boolean isNumeric(String cell) {
        return NUMBER.matcher(cell).matches() || NOT_FINITE.matcher(cell).matches();
    }

    private void addRow(List<String> cells) {
        double[] row = new double[columns - 1];
        for (int column = 0; column < row.length; column++) {
            row[column] = number(cells.get(column), column);
        }
        String label = cells.get(columns - 1);
        if (label.isEmpty()) {
            throw atCell(columns - 1, "a label expected, given a blank cell");
        }
        features.add(row);
        labels.add(label);
    }

    private double number(String cell, int column) {
        if (cell.isEmpty()) {
            throw atCell(column, "a number expected, given a blank cell");
        }
        if (!NUMBER.matcher(cell).matches()) {
            String kind = NOT_FINITE.matcher(cell).matches() ? "a finite number" : "a number";
            String hint = NUMBER.matcher(cell.replace(',', '.')).matches() ? " (write decimals with a point)" : "";
            throw atCell(column, kind + " expected, given '" + Text.shorten(cell) + "'" + hint);
        }
        double number = Double.parseDouble(cell);
        if (!Float.isFinite((float) number)) {
            throw atCell(column, "a number within 3.4e38 expected (32-bit floats), given '" + Text.shorten(cell) + "'");
        }
        return number;
    }

    private InputException atCell(int column, String what) {
        String title = header.isEmpty() ? "" : " (" + Text.shorten(header.get(column)) + ")";
        return new InputException(name + ", line " + line + ", column " + (column + 1) + title + ": " + what);
    }

    private InputException atLine(String what) {
        return new InputException(name + ", line " + line + ": " + what);
    }
}
