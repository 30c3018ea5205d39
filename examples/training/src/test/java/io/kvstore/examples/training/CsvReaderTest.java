package io.kvstore.examples.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CsvReaderTest {
    private static final String GOOD = "1,2.5,a\n-3,.5,b\n+4e1,6.,a\n1,1,b\n";

    @TempDir
    Path directory;

    private static Table read(String text) throws IOException {
        return CsvReader.read("t.csv", new BufferedReader(new StringReader(text)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                GOOD,
                "width,height,kind\n" + GOOD,
                "\uFEFF" + GOOD,
                "\uFEFFwidth,height,kind\n" + GOOD,
                "1;2.5;a\r\n-3;.5;b\r\n+4e1;6.;a\r\n1;1;b",
                "1\t2.5\ta\r-3\t.5\tb\r+4e1\t6.\ta\r1\t1\tb",
                "\n 1 , 2.5 , a \n\n-3,.5,b\n+4e1,6.,a\n   \n1,1,b\n",
                "\"1\",\"2.5\",\"a\"\n-3, \".5\" ,b\n+4e1,6.,a\n1,1,\"b\"\n",
            })
    void oneTableComesInManyForms(String text) throws IOException {
        Table table = read(text);

        assertThat(table.features()).isDeepEqualTo(new double[][] {{1, 2.5}, {-3, 0.5}, {40, 6}, {1, 1}});
        assertThat(table.labels()).containsExactly(0, 1, 0, 1);
        assertThat(table.classes()).containsExactly("a", "b");
    }

    @Test
    void aQuotedCellMayHoldSeparatorsAndQuotes() throws IOException {
        Table table = read("\"a, b\",\"the \"\"kind\"\"\"\n1,\"x;,\"\"y\"\"\"\n2,z\n3,z\n");

        assertThat(table.classes()).containsExactly("x;,\"y\"", "z");
    }

    @Test
    void numericLabelsAreComparedByValue() throws IOException {
        assertThat(read("1,0\n2,1\n3,1.0\n4,00\n5,2.5\n6,2.50\n").classes()).containsExactly("0", "1", "2.5");
    }

    @Test
    void aTextLabelThatJavaWouldParseStaysText() throws IOException {
        assertThat(read("1,1d\n2,1f\n3,1d\n4,1f\n").classes()).containsExactly("1d", "1f");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            1,2,a/1,abc,b            | t.csv, line 2, column 2: a number expected, given 'abc'
            x,y,k/1,2,a/abc,2,b      | t.csv, line 3, column 1 (x): a number expected, given 'abc'
            1,2,a//1,0x10,b          | t.csv, line 3, column 2: a number expected, given '0x10'
            1,2,a/1,,b               | t.csv, line 2, column 2: a number expected, given a blank cell
            1,2,a/1,NaN,b            | t.csv, line 2, column 2: a finite number expected, given 'NaN'
            NaN,NaN,a/1,2,b          | t.csv, line 1, column 1: a finite number expected, given 'NaN'
            1,2,a/-inf,2,b           | t.csv, line 2, column 1: a finite number expected, given '-inf'
            1,2,a/1e39,2,b           | t.csv, line 2, column 1: a number within 3.4e38 expected (32-bit floats), given '1e39'
            1;2;a/1,5;2;b            | t.csv, line 2, column 1: a number expected, given '1,5' (write decimals with a point)
            1,2,a/1,2,               | t.csv, line 2, column 3: a label expected, given a blank cell
            1,2,a/1,b                | t.csv, line 2: 3 columns expected (as in line 1), given 2
            1,2,a/1,2,3,b            | t.csv, line 2: 3 columns expected (as in line 1), given 4
            x,y,k/1,2                | t.csv, line 2: 3 columns expected (as in line 1), given 2
            1 2 a/1 2 b              | t.csv, line 1: two columns or more expected (features, then the label), given 1; separate them by , ; or tab
            1,2,a/1,2,"b             | t.csv, line 2: a quote is not closed (a cell cannot span lines)
            1,2,a/1,"2"2,b           | t.csv, line 2: text after a closing quote
            1,2,a/1,2,b              | t.csv: 3 rows or more expected (one for each third), given 2
            x,y,k                    | t.csv: 3 rows or more expected (one for each third), given 0
            1,a/2,a/3,a              | t.csv: two classes or more expected in the last column, given only 'a'
            1,1.5/2,2.5/3,3.5/4,2.5  | t.csv: the last column must hold classes, given 3 different labels in 4 rows
            1,a/aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeee,b | t.csv, line 2, column 1: a number expected, given 'aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd...'
            """)
    void aBadTableIsRefusedByLineAndColumn(String lines, String message) {
        assertThatThrownBy(() -> read(lines.replace('/', '\n')))
                .isInstanceOf(InputException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\uFEFF", "\n \r\n\n"})
    void anEmptyFileIsCalledEmpty(String text) {
        assertThatThrownBy(() -> read(text)).hasMessage("t.csv is empty");
    }

    @Test
    void aFileThatCannotBeReadIsNamedWithTheReason() throws IOException {
        Path missing = directory.resolve("missing.csv");
        Path binary = Files.write(directory.resolve("latin.csv"), "1,ü\n".getBytes(StandardCharsets.ISO_8859_1));

        assertRefused(missing, "--csv " + missing + ": no such file");
        assertRefused(directory, "--csv " + directory + ": a directory, a CSV file expected");
        assertRefused(binary, "--csv " + binary + ": not UTF-8 text; save it as CSV in UTF-8");
    }

    private static void assertRefused(Path file, String message) {
        assertThatExceptionOfType(InputException.class)
                .isThrownBy(() -> CsvReader.read(file))
                .withMessage(message);
    }

    @Test
    void irisHasFiftyFlowersOfEachKind() {
        Table iris = Table.iris();

        assertThat(iris.rows()).isEqualTo(150);
        assertThat(iris.columns()).isEqualTo(4);
        assertThat(iris.features()[0]).containsExactly(5.1, 3.5, 1.4, 0.2);
        for (int kind = 0; kind < 3; kind++) {
            int label = kind;
            assertThat(iris.labels())
                    .satisfies(
                            labels -> assertThat(java.util.Arrays.stream(labels).filter(l -> l == label))
                                    .hasSize(50));
        }
    }
}
