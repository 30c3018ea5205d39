package io.kvstore.examples.training;

import java.util.ArrayList;
import java.util.List;

/** One line of a CSV file, cut into trimmed cells; a quoted cell may hold separators and doubled quotes (RFC 4180). */
final class CsvLine {
    private static final char[] SEPARATORS = {',', ';', '\t'};

    private final String line;
    private final char separator;
    private int at;

    private CsvLine(String line, char separator) {
        this.line = line;
        this.separator = separator;
    }

    /** The separator that stands most often outside quotes: a comma, a semicolon or a tab. */
    static char separatorOf(String line) {
        char best = ',';
        int most = 0;
        for (char candidate : SEPARATORS) {
            int count = count(line, candidate);
            if (count > most) {
                most = count;
                best = candidate;
            }
        }
        return best;
    }

    private static int count(String line, char wanted) {
        int count = 0;
        boolean quoted = false;
        for (char c : line.toCharArray()) {
            quoted ^= c == '"';
            count += !quoted && c == wanted ? 1 : 0;
        }
        return count;
    }

    /** Throws InputException, without file and line number, when a quote is not closed or text follows a closed one. */
    static List<String> split(String line, char separator) {
        CsvLine rest = new CsvLine(line, separator);
        List<String> cells = new ArrayList<>();
        do {
            cells.add(rest.cell());
        } while (rest.at++ < line.length());
        return cells;
    }

    private String cell() {
        while (at < line.length() && line.charAt(at) == ' ') {
            at++;
        }
        return at < line.length() && line.charAt(at) == '"' ? quoted() : plain();
    }

    private String plain() {
        int end = line.indexOf(separator, at);
        int start = at;
        at = end < 0 ? line.length() : end;
        return line.substring(start, at).strip();
    }

    private String quoted() {
        StringBuilder cell = new StringBuilder();
        for (at++; at < line.length(); at++) {
            if (line.charAt(at) != '"') {
                cell.append(line.charAt(at));
            } else if (line.startsWith("\"\"", at)) {
                cell.append(line.charAt(at++));
            } else {
                at++;
                if (!plain().isEmpty()) {
                    throw new InputException("text after a closing quote");
                }
                return cell.toString().strip();
            }
        }
        throw new InputException("a quote is not closed (a cell cannot span lines)");
    }
}
