package io.kvstore.examples.benchmarks.mxnet;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * The shared libraries inside the artifact {@code ai.djl.mxnet:mxnet-native-mkl} on the class path.
 *
 * <p>They are unpacked once per user and version, together, because {@code libmxnet.so} looks for its siblings beside
 * itself. The directory appears under its name only when it is complete, so programs that start at once are safe.
 */
record MxArtifact(String version, String classifier, List<String> libraries) {
    private static final String FOLDER = "native/lib/";

    /** The artifact on the class path, or null when there is none. */
    static MxArtifact find() throws IOException {
        try (InputStream in = resource("mxnet.properties")) {
            if (in == null) {
                return null;
            }
            Properties properties = new Properties();
            properties.load(in);
            return new MxArtifact(
                    properties.getProperty("version"),
                    properties.getProperty("classifier"),
                    List.of(properties.getProperty("libraries").split(",")));
        }
    }

    /** The path of {@code libmxnet.so} under {@code cache}, unpacked if it was not there. */
    Path unpack(Path cache) throws IOException {
        Path home = cache.resolve(version + "-" + classifier);
        if (!Files.isDirectory(home)) {
            Files.createDirectories(cache);
            Path partial = Files.createTempDirectory(cache, "unpacking-");
            try {
                copyTo(partial);
                publish(partial, home);
            } finally {
                delete(partial);
            }
        }
        return home.resolve("libmxnet.so");
    }

    private void copyTo(Path folder) throws IOException {
        for (String library : libraries) {
            try (InputStream in = resource(library)) {
                if (in == null) {
                    throw new IOException("the MXNet artifact lists " + library + " but does not hold it");
                }
                Files.copy(in, folder.resolve(library));
            }
        }
    }

    private static void publish(Path partial, Path home) throws IOException {
        try {
            Files.move(partial, home, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            // Another program may have been faster; its directory is as good as ours.
            if (!Files.isDirectory(home)) {
                throw e;
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private static InputStream resource(String name) {
        return MxArtifact.class.getClassLoader().getResourceAsStream(FOLDER + name);
    }
}
