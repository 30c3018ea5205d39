package io.kvstore.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
    @TempDir
    private Path directory;

    @Test
    void aFileIsCreatedAndReplaced() throws IOException {
        Path file = directory.resolve("states");
        AtomicFile.write(file, content("first"));
        assertThat(file).hasContent("first");
        AtomicFile.write(file, content("second, and longer"));
        assertThat(file).hasContent("second, and longer");
        AtomicFile.write(file, content("3"));
        assertThat(file).hasContent("3");
        assertThat(names()).containsExactly("states");
    }

    @Test
    void onlyItsOwnerMayReadIt() throws IOException {
        assumeTrue(posix(), "the file system knows owners");
        Path file = Files.writeString(directory.resolve("states"), "open to all");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        AtomicFile.write(file, content("private"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void contentThatFailsHalfWayLeavesTheOldFileAndNothingElse() throws IOException {
        Path file = directory.resolve("states");
        AtomicFile.write(file, content("old"));
        for (Throwable failure : new Throwable[] {
            new IOException("No space left on device"), new IllegalStateException("no"), new OutOfMemoryError("no")
        }) {
            Throwable thrown = catchThrowableOfType(
                    Throwable.class,
                    () -> AtomicFile.write(file, channel -> {
                        channel.write(ByteBuffer.wrap(new byte[100_000]));
                        sneak(failure);
                    }));
            assertThat(failure instanceof IOException ? thrown.getCause() : thrown)
                    .isSameAs(failure);
            assertThat(file).hasContent("old");
            assertThat(names()).containsExactly("states");
        }
        assertThat(refused(Reason.FILE_FAILED, file, channel -> {
                    throw new IOException("No space left on device");
                }))
                .hasMessageContainingAll(file.toString(), "No space left on device", "nothing was changed");
    }

    @Test
    void aDirectoryThatIsNotThereIsRefused() throws IOException {
        Path file = directory.resolve("missing").resolve("states");
        assertThat(refused(Reason.FILE_FAILED, file, content("x")))
                .hasMessageContainingAll(file.toString(), "there is no directory " + file.getParent());
        Path inFile = Files.writeString(directory.resolve("file"), "text").resolve("states");
        refused(Reason.FILE_FAILED, inFile, content("x"));
        assertThat(names()).containsExactly("file");
    }

    @Test
    void whatIsNoRegularFileIsNotReplaced() throws IOException {
        Path inner = Files.createDirectory(directory.resolve("inner"));
        assertThat(refused(Reason.FILE_FAILED, inner, content("x"))).hasMessageContaining("not a regular file");
        assertThat(inner).isEmptyDirectory();
        Path full = Path.of("/dev/full");
        if (Files.exists(full)) {
            assertThat(refused(Reason.FILE_FAILED, full, content("x"))).hasMessageContaining("not a regular file");
        }
    }

    @Test
    void aDirectoryThatTakesNoFilesIsRefused() {
        Path proc = Path.of("/proc");
        assumeTrue(Files.isDirectory(proc), "the system has /proc");
        assertThat(refused(Reason.FILE_FAILED, proc.resolve("kvstore-states"), content("x")))
                .hasMessageContainingAll("/proc/kvstore-states", "nothing was changed");
    }

    @Test
    void aDirectoryThatMayNotBeWrittenKeepsTheOldFile() throws IOException {
        assumeTrue(posix(), "the file system knows owners");
        Path file = directory.resolve("states");
        AtomicFile.write(file, content("old"));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("r-x------"));
        try {
            assumeFalse(Files.isWritable(directory), "this user may write everywhere");
            refused(Reason.FILE_FAILED, file, content("new"));
            assertThat(file).hasContent("old");
            assertThat(names()).containsExactly("states");
        } finally {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        }
    }

    @Test
    void aLinkIsFollowedIfItLeadsSomewhere() throws IOException {
        assumeTrue(posix(), "the file system knows links");
        Path file = directory.resolve("states");
        AtomicFile.write(file, content("old"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), file);
        AtomicFile.write(link, content("new"));
        assertThat(link).isSymbolicLink();
        assertThat(file).hasContent("new");
        Path nowhere = Files.createSymbolicLink(directory.resolve("nowhere"), directory.resolve("gone"));
        refused(Reason.FILE_FAILED, nowhere, content("x"));
        assertThat(names()).containsExactly("link", "nowhere", "states");
    }

    @Test
    void anInterruptedThreadWritesNothing() throws IOException {
        Path file = directory.resolve("states");
        AtomicFile.write(file, content("old"));
        Thread.currentThread().interrupt();
        try {
            refused(Reason.INTERRUPTED, file, content("new"));
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        } finally {
            Thread.interrupted();
        }
        assertThat(file).hasContent("old");
        assertThat(names()).containsExactly("states");
    }

    private static AtomicFile.Content content(String text) {
        return channel -> channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static KVStoreException refused(Reason reason, Path file, AtomicFile.Content content) {
        KVStoreException refusal = catchThrowableOfType(KVStoreException.class, () -> AtomicFile.write(file, content));
        assertThat(refusal).as("writing %s is refused", file).isNotNull();
        assertThat(refusal.reason()).as(refusal.getMessage()).isEqualTo(reason);
        return refusal;
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private boolean posix() {
        return directory.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> void sneak(Throwable failure) throws E {
        throw (E) failure;
    }
}
