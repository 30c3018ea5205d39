package io.kvstore;

import akka.actor.typed.ActorRef;
import io.kvstore.actor.KeyCommand;
import io.kvstore.compression.GradientCompression;
import io.kvstore.optimizer.Optimizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A start for a user's own kind of store: every operation is refused as {@link Reason#UNSUPPORTED} until it is
 * overridden, {@code async} runs the blocking operations, {@code close} does nothing, and there is one worker. (MXNet:
 * python/mxnet/kvstore/base.py, KVStoreBase.)
 */
public abstract class KVStoreBase implements KVStore {

    /** The failure of an operation that this store does not offer. */
    protected final KVStoreException unsupported(String operation) {
        return new KVStoreException(
                Reason.UNSUPPORTED, "a store of type '" + type() + "' does not support " + operation);
    }

    @Override
    public void init(List<?> keys, List<?> values) {
        throw unsupported("init");
    }

    @Override
    public void broadcast(List<?> keys, List<?> values, List<?> outs, int priority) {
        throw unsupported("broadcast");
    }

    @Override
    public void push(List<?> keys, List<?> values, int priority) {
        throw unsupported("push");
    }

    @Override
    public void pull(List<?> keys, List<?> outs, int priority, boolean ignoreSparse) {
        throw unsupported("pull");
    }

    @Override
    public List<INDArray> pull(List<?> keys) {
        throw unsupported("pull");
    }

    @Override
    public List<RowSparse> rowSparsePull(List<?> keys, List<?> rowIds, int priority) {
        throw unsupported("rowSparsePull");
    }

    @Override
    public void pushPull(List<?> keys, List<?> values, List<?> outs, int priority) {
        throw unsupported("pushPull");
    }

    @Override
    public int rank() {
        return 0;
    }

    @Override
    public int numWorkers() {
        return 1;
    }

    @Override
    public void barrier() {
        throw unsupported("barrier");
    }

    @Override
    public void flush() {
        throw unsupported("flush");
    }

    @Override
    public void setUpdater(Updater updater) {
        throw unsupported("setUpdater");
    }

    @Override
    public void setOptimizer(Optimizer optimizer) {
        throw unsupported("setOptimizer");
    }

    @Override
    public Optional<Optimizer> optimizer() {
        throw unsupported("optimizer");
    }

    @Override
    public void adjustOptimizer(UnaryOperator<Optimizer.Builder> change) {
        throw unsupported("adjustOptimizer");
    }

    @Override
    public void saveOptimizerStates(Path file, boolean dumpOptimizer) {
        throw unsupported("saveOptimizerStates");
    }

    @Override
    public void loadOptimizerStates(Path file) {
        throw unsupported("loadOptimizerStates");
    }

    @Override
    public void setGradientCompression(GradientCompression compression) {
        throw unsupported("setGradientCompression");
    }

    /** No capability is offered. @throws KVStoreException for a word that is not known */
    @Override
    public boolean isCapable(String capability) {
        if ("optimizer".equals(capability)) {
            return false;
        }
        throw new KVStoreException(
                Reason.INVALID_ARGUMENT, "unknown capability '" + capability + "'; known is 'optimizer'");
    }

    @Override
    public void sendCommandToServers(int head, String body) {
        throw unsupported("sendCommandToServers");
    }

    @Override
    public Profiler profiler() {
        throw unsupported("profiler");
    }

    @Override
    public int numDeadNodes(int group) {
        throw unsupported("numDeadNodes");
    }

    @Override
    public void setBarrierBeforeExit(boolean wait) {
        throw unsupported("setBarrierBeforeExit");
    }

    @Override
    public void delete(Key key) {
        throw unsupported("delete");
    }

    @Override
    public List<Key> keys() {
        throw unsupported("keys");
    }

    @Override
    public Optional<KeyInfo> info(Key key) {
        throw unsupported("info");
    }

    @Override
    public Stats stats() {
        throw unsupported("stats");
    }

    @Override
    public String explain() {
        throw unsupported("explain");
    }

    @Override
    public ActorRef<KeyCommand> ref(Key key) {
        throw unsupported("ref");
    }

    /** The operations of this store, each done before its call returns. */
    @Override
    public AsyncKVStore async() {
        return new CompletedAsyncKVStore(this);
    }

    @Override
    public void close() {}
}
