package io.kvstore.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The kernels' PTX, the driver's portable assembly language, which lies beside the classes as a resource. */
final class Ptx {
    private static final String RESOURCE = "kernels.ptx";

    private Ptx() {}

    static String shipped() {
        try (InputStream resource = Ptx.class.getResourceAsStream(RESOURCE)) {
            if (resource == null) {
                throw new IllegalStateException(
                        "the resource io/kvstore/cuda/" + RESOURCE + " is missing from the jar");
            }
            return new String(resource.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
