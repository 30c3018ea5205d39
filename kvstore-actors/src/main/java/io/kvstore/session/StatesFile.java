package io.kvstore.session;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.KeyInfo;
import io.kvstore.Reason;
import io.kvstore.actor.Fit;
import io.kvstore.actor.OptimizerState;
import io.kvstore.files.AtomicFile;
import io.kvstore.files.StatesEntry;
import io.kvstore.files.StatesHead;
import io.kvstore.files.StatesReader;
import io.kvstore.files.StatesWriter;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.optimizer.StateForm;
import io.kvstore.tensor.BufferPool;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The optimizer's states of a set of keys, as they are written to a file and read from it, checked as a whole. */
public final class StatesFile {
    private final String operation;
    private final Path file;
    private final Optimizer inForce;
    private final Map<Key, KeyInfo> keys = new TreeMap<>();
    private final SortedMap<Key, OptimizerState> states = new TreeMap<>();
    private Optimizer dumped; // null if the file has none

    private StatesFile(String operation, Path file, Optimizer inForce, Collection<KeyInfo> keys) {
        this.operation = operation;
        this.file = file;
        this.inForce = inForce;
        keys.forEach(key -> this.keys.put(key.key(), key));
    }

    /**
     * Writes the whole file, or nothing.
     *
     * @param optimizer whose states they are
     * @param dump whether its settings go with them
     * @throws KVStoreException what the file met with
     */
    public static void write(Path file, Optimizer optimizer, boolean dump, SortedMap<Key, OptimizerState> states) {
        Optional<String> json = dump ? Optional.of(optimizer.toJson()) : Optional.empty();
        AtomicFile.write(file, channel -> {
            StatesWriter writer = new StatesWriter(channel, new StatesHead(optimizer.stateForm(), json, states.size()));
            for (Map.Entry<Key, OptimizerState> each : states.entrySet()) {
                OptimizerState state = each.getValue();
                writer.entry(
                        new StatesEntry(each.getKey(), state.shape(), state.dtype(), state.updates(), state.types()),
                        state.states());
            }
            writer.end();
        });
    }

    /**
     * Reads and checks everything.
     *
     * @param inForce whose form the states must have, unless the file has an optimizer of its own
     * @param keys those that there are; one that the file does not have gets a fresh state
     * @param pool where the states' buffers come from
     * @throws KVStoreException if anything is wrong; then nothing is held
     */
    public static StatesFile read(
            String operation, Path file, Optimizer inForce, Collection<KeyInfo> keys, BufferPool pool) {
        StatesFile read = new StatesFile(operation, file, inForce, keys);
        try (StatesReader reader = StatesReader.open(file)) {
            StateForm form = read.form(reader.head());
            for (int i = 0; i < reader.head().keys(); i++) {
                read.next(reader, form, pool);
            }
            reader.end();
            keys.forEach(
                    key -> read.states.putIfAbsent(key.key(), OptimizerState.fresh(form, key.shape(), key.dtype())));
            return read;
        } catch (RuntimeException | Error e) {
            read.release();
            throw e;
        }
    }

    /** The optimizer that was dumped with the states, if one was. */
    public Optional<Optimizer> optimizer() {
        return Optional.ofNullable(dumped);
    }

    /** A state for each key; the reader's to {@linkplain #release release}, or to hand on. */
    public SortedMap<Key, OptimizerState> states() {
        return states;
    }

    /** Gives all states back. */
    public void release() {
        states.values().forEach(OptimizerState::release);
    }

    /** The form of the file's states, which is that of the optimizer that will be in force. */
    private StateForm form(StatesHead head) {
        dumped = head.optimizer().map(this::parsed).orElse(null);
        StateForm expected = (dumped != null ? dumped : inForce).stateForm();
        if (!head.form().equals(expected)) {
            throw refused(
                    dumped != null ? Reason.INVALID_FILE : Reason.STATE_MISMATCH,
                    null,
                    "expected states of " + expected
                            + (dumped != null ? ", the file's own optimizer" : ", the optimizer in force")
                            + ", given those of " + head.form());
        }
        return expected;
    }

    private Optimizer parsed(String json) {
        try {
            return Optimizer.fromJson(json);
        } catch (KVStoreException e) {
            throw refused(e.reason(), null, e.getMessage());
        }
    }

    private void next(StatesReader reader, StateForm form, BufferPool pool) {
        StatesEntry entry = reader.entry();
        Key key = entry.key();
        if (states.containsKey(key)) {
            throw refused(Reason.INVALID_FILE, key, "it has the key twice");
        }
        KeyInfo info = keys.get(key);
        if (info == null) {
            throw refused(
                    Reason.NOT_INITIALIZED,
                    key,
                    "the store does not have the key; init it first, or load a file of this model");
        }
        KVStoreException problem = Fit.problem(operation, info, entry.shape(), entry.dtype());
        if (problem != null) {
            throw refused(problem.reason(), key, problem.getMessage());
        }
        states.put(
                key,
                new OptimizerState(form, entry.shape(), entry.dtype(), entry.updates(), reader.states(entry, pool)));
    }

    /** The same refusal, said of the file. */
    KVStoreException refused(Reason reason, Key key, String message) {
        return new KVStoreException(reason, key, "file " + file + ": " + message);
    }
}
