package io.kvstore.cluster.link;

import io.aeron.CncFileDescriptor;
import io.aeron.CommonContext;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.agrona.IoUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the media drivers of a user's servers keep their memory: a directory that nobody else can read, with one for each
 * server in it, whose name begins with the number of its process.
 */
final class IpcDirectory {
    private static final Logger LOG = LoggerFactory.getLogger(IpcDirectory.class);

    private static final Set<PosixFilePermission> OWN = PosixFilePermissions.fromString("rwx------");
    private static final long ALIVE_MILLIS = TimeUnit.SECONDS.toMillis(10);
    private static final char SEPARATOR = '-';

    private IpcDirectory() {}

    /** The default: memory that looks like files, as Linux has it. */
    static Path home() {
        return Path.of("/dev/shm", "kvstore-" + System.getProperty("user.name"));
    }

    /**
     * An empty directory for one driver of this process, below {@code home}, which is made if it is not there. What servers
     * left there that were killed is removed.
     *
     * @throws IOException if {@code home} is not private to this user, or nothing can be made there
     */
    static Path create(Path home, NodeId node) throws IOException {
        try {
            Files.createDirectory(home, PosixFilePermissions.asFileAttribute(OWN));
        } catch (FileAlreadyExistsException e) {
            LOG.trace("{} is there", home);
        }
        sweep(home);
        String name = ProcessHandle.current().pid() + "" + SEPARATOR + Long.toHexString(node.uid());
        Path own = home.resolve(name);
        IoUtil.delete(own.toFile(), true);
        Files.createDirectory(own, PosixFilePermissions.asFileAttribute(OWN));
        if (!isPrivate(home, own)) {
            IoUtil.delete(own.toFile(), true);
            throw new IOException(home + " is not a directory that this user alone can read; remove it, or set"
                    + " kvstore.link.ipc.directory");
        }
        return own;
    }

    /** @param own was made by this process */
    private static boolean isPrivate(Path home, Path own) throws IOException {
        return Files.isDirectory(home, LinkOption.NOFOLLOW_LINKS)
                && Files.getPosixFilePermissions(home).equals(OWN)
                && Files.getOwner(home).equals(Files.getOwner(own));
    }

    private static void sweep(Path home) throws IOException {
        try (DirectoryStream<Path> drivers = Files.newDirectoryStream(home, "*" + SEPARATOR + "*")) {
            for (Path driver : drivers) {
                if (!isAlive(driver)) {
                    LOG.info("removes what an ended server left at {}", driver);
                    IoUtil.delete(driver.toFile(), true);
                }
            }
        }
    }

    /**
     * A driver's process may be one that this process cannot see, in another container; then its heartbeat tells. Whatever
     * cannot be looked at, perhaps because another server removes it at this moment, keeps no server from starting.
     */
    private static boolean isAlive(Path driver) {
        String name = driver.getFileName().toString();
        try {
            long process = Long.parseLong(name.substring(0, name.indexOf(SEPARATOR)));
            if (ProcessHandle.of(process).isPresent()) {
                return true;
            }
            Path first = driver.resolve(CncFileDescriptor.CNC_FILE);
            return isBegun(first)
                    ? System.currentTimeMillis()
                                    - Files.getLastModifiedTime(first).toMillis()
                            < ALIVE_MILLIS
                    : CommonContext.isDriverActive(driver.toFile(), ALIVE_MILLIS, LOG::trace);
        } catch (NumberFormatException e) {
            return true; // not ours
        } catch (Exception e) { // Aeron throws checked ones too
            LOG.info("whether a server still uses {} cannot be told, so it is left: {}", driver, e.getMessage());
            return true;
        }
    }

    /**
     * Whether a driver has made its first file, and not yet written the version with which that begins: a matter of milliseconds,
     * unless it was killed just then. Aeron would wait for it.
     */
    private static boolean isBegun(Path first) throws IOException {
        if (!Files.isRegularFile(first)) {
            return false;
        }
        try (DataInputStream in = new DataInputStream(Files.newInputStream(first))) {
            return in.readInt() == 0;
        } catch (EOFException e) {
            return true;
        }
    }
}
