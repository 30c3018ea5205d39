package io.kvstore.cluster.coordinator;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * One store's record on its way to the servers. What is decided is written to all of them; when a majority has it, it is
 * in force and the servers are told. What is decided meanwhile goes together in the next write.
 *
 * <pre>
 *   decide ──► decided ──► written ──► a majority has it ──► effective ──► every server told
 *                 ▲            one at a time
 * </pre>
 */
final class Replicated {
    private record Progress(long wrote, long told) {
        static final Progress NONE = new Progress(0, 0);
    }

    private final Ballot ballot;
    private final Map<Server, Progress> progress = new TreeMap<>();
    private StoreRecord decided;
    private StoreRecord written;
    private StoreRecord effective;
    private long configuredAt;
    private long lastRevision;
    private boolean fresh;

    private Replicated(Ballot ballot, StoreRecord decided, StoreRecord effective) {
        this.ballot = ballot;
        this.decided = decided;
        this.effective = effective;
    }

    /** A store that no server has a record of. */
    static Replicated fresh(Ballot ballot, StoreRecord empty) {
        return new Replicated(ballot, empty, empty);
    }

    /** The newest record that a server has, to be written again under this ballot before it is in force. */
    static Replicated found(Ballot ballot, StoreRecord record) {
        Replicated found = new Replicated(ballot, record, null);
        found.write();
        return found;
    }

    /** The newest decision, in force or not. */
    StoreRecord decided() {
        return decided;
    }

    /** What is in force, or null before a found record is. */
    StoreRecord effective() {
        return effective;
    }

    void decide(StoreRecord next) {
        decided = next;
    }

    void acknowledged(Server server, long revision, boolean asEffective) {
        Progress old = progress.getOrDefault(server, Progress.NONE);
        progress.put(
                server,
                new Progress(Math.max(old.wrote, revision), asEffective ? Math.max(old.told, revision) : old.told));
    }

    /** Puts in force what a majority of {@code servers} has. @return whether it did */
    boolean takeEffect(Collection<Server> servers) {
        progress.keySet().retainAll(servers);
        if (written == null || !majorityWrote(servers)) {
            return false;
        }
        if (effective == null || !effective.configuration().equals(written.configuration())) {
            configuredAt = written.revision();
        }
        effective = written;
        written = null;
        fresh = true;
        return true;
    }

    /** Starts to write what was decided, if nothing is being written. */
    void writeDecided() {
        if (written == null && !decided.equals(effective)) {
            write();
        }
    }

    /** Whether every server has been told of the configuration in force. */
    boolean configurationIsEverywhere(Collection<Server> servers) {
        return effective != null && lackConfiguration(servers).isEmpty();
    }

    /** The servers that have not acknowledged the configuration in force. */
    List<Server> lackConfiguration(Collection<Server> servers) {
        return servers.stream()
                .filter(server -> progressOf(server).told < configuredAt)
                .toList();
    }

    /** Whether there is something to send that was not sent before; once. */
    boolean takeFresh() {
        boolean was = fresh;
        fresh = false;
        return was;
    }

    /** Hands over what each server has not acknowledged; an effective record for one that is to be in force there. */
    void unacknowledged(Collection<Server> servers, BiConsumer<Server, ViewRequest.Write> send) {
        for (Server server : servers) {
            Progress progress = progressOf(server);
            if (effective != null && progress.told < effective.revision()) {
                send.accept(server, new ViewRequest.Write(effective, true));
            }
            if (written != null && progress.wrote < written.revision()) {
                send.accept(server, new ViewRequest.Write(written, false));
            }
        }
    }

    private Progress progressOf(Server server) {
        return progress.getOrDefault(server, Progress.NONE);
    }

    private boolean majorityWrote(Collection<Server> servers) {
        long wrote = servers.stream()
                .filter(server -> progressOf(server).wrote >= written.revision())
                .count();
        return 2 * wrote > servers.size();
    }

    private void write() {
        written = decided.stamped(ballot, ++lastRevision);
        decided = written;
        fresh = true;
    }
}
