package io.kvstore.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class KernelsPtxTest {
    private static final Path SOURCES = Path.of("src", "main", "cuda");

    @Test
    void theShippedPtxWasMadeOfTheSourcesBesideIt() throws IOException, NoSuchAlgorithmException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (String source : List.of("device.h", "elements.h", "kernels.cu")) {
            digest.update(Files.readAllBytes(SOURCES.resolve(source)));
        }
        assertThat(Ptx.shipped().lines().findFirst().orElse(""))
                .as("run src/main/cuda/build-ptx after changing a source")
                .isEqualTo("// of device.h, elements.h and kernels.cu, sha256 "
                        + HexFormat.of().formatHex(digest.digest()));
    }

    @Test
    void driversFromCuda12OnReadIt() {
        Matcher version = Pattern.compile("\\.version (\\d+)\\.(\\d+)").matcher(Ptx.shipped());
        assertThat(version.find()).isTrue();
        assertThat(Integer.parseInt(version.group(1))).isLessThan(8);
        assertThat(Ptx.shipped()).contains(".target sm_75");
    }

    @Test
    void everyFloatingOperationRoundsForItself() {
        Pattern fusible =
                Pattern.compile("\\b(add|sub|mul|mad|fma|div|sqrt)\\.(?!rn\\.)[a-z.]*f(32|64)\\b|\\.ftz|approx");
        assertThat(Ptx.shipped().lines().filter(line -> fusible.matcher(line).find()))
                .isEmpty();
    }

    @Test
    void itIsPlainText() {
        assertThat(StandardCharsets.US_ASCII.newEncoder().canEncode(Ptx.shipped()))
                .isTrue();
    }
}
