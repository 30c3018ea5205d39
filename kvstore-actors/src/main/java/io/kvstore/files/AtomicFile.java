package io.kvstore.files;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Writes a file so that others see the old one or the whole new one, and never a part: into a temporary file beside it,
 * forced to the disk, then renamed over it. If anything fails the old file stays and the temporary one is removed; a
 * process that is killed meanwhile leaves the old file, and may leave a {@code .kvstore-*.tmp}.
 */
public final class AtomicFile {

    /** Writes the content. */
    public interface Content {
        void writeTo(FileChannel file) throws IOException;
    }

    private AtomicFile() {}

    /**
     * Creates or replaces {@code file}, readable and writable by its owner alone where the file system knows owners. A
     * symbolic link is followed.
     *
     * @throws KVStoreException with {@link Reason#FILE_FAILED}, saying whether anything was changed
     */
    public static void write(Path file, Content content) {
        Path target;
        try {
            target = target(file);
            replace(target, content);
        } catch (ClosedByInterruptException e) {
            throw new KVStoreException(
                    Reason.INTERRUPTED, null, "interrupted while writing file " + file + "; nothing was changed", e);
        } catch (IOException e) {
            throw new KVStoreException(
                    Reason.FILE_FAILED, null, "cannot write file " + file + ": " + e + "; nothing was changed", e);
        }
        forceDirectory(target.getParent());
    }

    private static Path target(Path file) throws IOException {
        Path absolute = file.toAbsolutePath();
        Path target = Files.exists(absolute) ? absolute.toRealPath() : absolute;
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS) && !Files.isRegularFile(target)) {
            throw new IOException("it is there and not a regular file");
        }
        if (target.getParent() == null || !Files.isDirectory(target.getParent())) {
            throw new IOException("there is no directory " + target.getParent());
        }
        return target;
    }

    private static void replace(Path target, Content content) throws IOException {
        Path temporary = Files.createTempFile(target.getParent(), ".kvstore-", ".tmp"); // mode 0600
        try {
            try (FileChannel file = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                content.writeTo(file);
                file.force(true);
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException | RuntimeException | Error e) {
            try {
                Files.deleteIfExists(temporary);
            } catch (IOException left) {
                e.addSuppressed(left);
            }
            throw e;
        }
    }

    /** Makes the new name last; only POSIX systems can open a directory for it, and need it. */
    private static void forceDirectory(Path directory) {
        if (!directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return;
        }
        try (FileChannel opened = FileChannel.open(directory, StandardOpenOption.READ)) {
            opened.force(true);
        } catch (IOException e) {
            throw new KVStoreException(
                    Reason.FILE_FAILED,
                    null,
                    "the file was written, but directory " + directory + " could not be forced to the disk: " + e,
                    e);
        }
    }
}
