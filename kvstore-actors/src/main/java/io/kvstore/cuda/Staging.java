package io.kvstore.cuda;

import io.kvstore.cuda.Completions.Completion;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * The road between host memory and a GPU: a fixed number of pinned chunks, through which everything goes. While the GPU
 * copies one chunk, a thread of the host fills or empties another. Any thread may call it, and none waits: transfers
 * take their turn when chunks come free, in the order in which they were asked for.
 */
public final class Staging implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 30;

    /** One pinned chunk; whoever has taken it owns it and its event. */
    private record Chunk(PinnedMemory memory, GpuEvent event) {}

    /** What to do with one chunk's worth of bytes. */
    private interface Piece {
        void run(Transfer transfer, Chunk chunk, long offset, int bytes);
    }

    private static final class Transfer {
        private final long bytes;
        private final Piece piece;
        private final Completion then;
        private long begun;
        private int underWay;
        private CudaException failure;

        Transfer(long bytes, Piece piece, Completion then) {
            this.bytes = bytes;
            this.piece = piece;
            this.then = then;
        }

        boolean hasMore() {
            return failure == null && begun < bytes;
        }
    }

    private final Completions completions;
    private final Executor copier;
    private final int chunkBytes;
    private final List<Chunk> all = new ArrayList<>();
    private final Queue<Chunk> free = new ArrayDeque<>();
    private final Queue<Transfer> waiting = new ArrayDeque<>();
    private boolean pumping;

    /**
     * @param completions stays open as long as transfers are under way
     * @param copier runs the copies in the host's memory; several threads are faster than one
     * @param chunks at least 2, so that copies overlap
     * @throws CudaException if there is not so much pinned memory; nothing is kept then
     */
    public Staging(Gpu gpu, Completions completions, Executor copier, int chunks, int chunkBytes) {
        this.completions = completions;
        this.copier = copier;
        this.chunkBytes = chunkBytes;
        try {
            for (int i = 0; i < chunks; i++) {
                PinnedMemory memory = gpu.allocatePinned(chunkBytes);
                try {
                    all.add(new Chunk(memory, gpu.newEvent()));
                } catch (RuntimeException | Error e) {
                    memory.close();
                    throw e;
                }
            }
        } catch (RuntimeException | Error e) {
            close(all);
            throw e;
        }
        free.addAll(all);
    }

    /**
     * Copies host memory to the device.
     *
     * @param stream where the copies are put; other work in it may come between them
     * @param read runs once, when {@code source} is read to its end and every copy is in the stream, or has failed: an event
     *     recorded then marks that {@code to} is whole. On any thread
     */
    public void upload(GpuStream stream, HostSource source, long to, long bytes, Completion read) {
        start(new Transfer(
                bytes,
                (transfer, chunk, offset, count) -> onCopier(transfer, chunk, () -> {
                    CudaException failure = attempt(() -> {
                        source.read(offset, window(chunk, count));
                        stream.upload(to + offset, chunk.memory, 0, count);
                        stream.record(chunk.event);
                    });
                    if (failure != null) {
                        giveBack(chunk);
                    } else {
                        failure = attempt(() -> completions.whenDone(chunk.event, lost -> giveBack(chunk)));
                    }
                    finish(transfer, failure);
                }),
                read));
    }

    /**
     * Copies device memory to the host. It must stay as it is until {@code written} runs.
     *
     * @param stream where the copies are put; other work in it may come between them
     * @param written runs once, when {@code target} has everything, or it has failed. On any thread
     */
    public void download(GpuStream stream, long from, HostTarget target, long bytes, Completion written) {
        start(new Transfer(
                bytes,
                (transfer, chunk, offset, count) -> {
                    stream.download(chunk.memory, 0, from + offset, count);
                    stream.record(chunk.event);
                    completions.whenDone(
                            chunk.event,
                            lost -> onCopier(transfer, chunk, () -> {
                                CudaException failure =
                                        lost != null ? lost : attempt(() -> target.write(offset, window(chunk, count)));
                                giveBack(chunk);
                                finish(transfer, failure);
                            }));
                },
                written));
    }

    /** Whatever comes of it, the chunk is given back and the transfer hears of its piece. */
    private void onCopier(Transfer transfer, Chunk chunk, Runnable work) {
        CudaException refused = attempt(() -> copier.execute(work));
        if (refused != null) {
            giveBack(chunk);
            finish(transfer, refused);
        }
    }

    private static ByteBuffer window(Chunk chunk, int bytes) {
        return chunk.memory.bytes().limit(bytes).slice().order(ByteOrder.nativeOrder());
    }

    /** What a user's memory may throw fails its transfer and nothing else. */
    private static CudaException attempt(Runnable work) {
        try {
            work.run();
            return null;
        } catch (CudaException e) {
            return e;
        } catch (RuntimeException | Error e) {
            CudaException failure = new CudaException(
                    CudaException.Kind.REFUSED, 0, "CUDA_SUCCESS", "copying in the host's memory failed: " + e);
            failure.initCause(e);
            return failure;
        }
    }

    private void start(Transfer transfer) {
        if (transfer.bytes == 0) {
            Completions.tell(transfer.then, null);
            return;
        }
        synchronized (this) {
            waiting.add(transfer);
        }
        pump();
    }

    /** Begins what free chunks allow. One thread at a time: it sees whatever others add meanwhile. */
    private void pump() {
        while (true) {
            Transfer transfer;
            Chunk chunk;
            long offset;
            int count;
            synchronized (this) {
                transfer = next();
                if (transfer == null) {
                    return;
                }
                chunk = free.poll();
                offset = transfer.begun;
                count = (int) Math.min(chunkBytes, transfer.bytes - offset);
                transfer.begun += count;
                transfer.underWay++;
                pumping = true;
            }
            CudaException failure = attempt(() -> transfer.piece.run(transfer, chunk, offset, count));
            synchronized (this) {
                pumping = false;
                if (failure != null) {
                    free.add(chunk);
                    notifyAll();
                }
            }
            if (failure != null) {
                finish(transfer, failure);
            }
        }
    }

    /** The transfer of which a piece can begin now, or null. */
    private Transfer next() {
        while (!waiting.isEmpty() && !waiting.peek().hasMore()) {
            waiting.poll();
        }
        return pumping || free.isEmpty() ? null : waiting.peek();
    }

    private void giveBack(Chunk chunk) {
        synchronized (this) {
            free.add(chunk);
            notifyAll();
        }
        pump();
    }

    /** One piece of the transfer is over; the last one tells. */
    private void finish(Transfer transfer, CudaException failure) {
        synchronized (this) {
            transfer.underWay--;
            if (transfer.failure == null) {
                transfer.failure = failure;
            }
            if (transfer.underWay > 0 || transfer.hasMore()) {
                return;
            }
        }
        Completions.tell(transfer.then, transfer.failure);
    }

    private static void close(List<Chunk> chunks) {
        chunks.forEach(chunk -> {
            chunk.memory.close();
            chunk.event.close();
        });
    }

    /**
     * Gives the pinned memory back, after the transfers that were asked for; no more are asked for.
     *
     * @throws IllegalStateException if they are not over in {@value #PATIENCE_SECONDS} s, or the thread is interrupted; the
     *     memory stays pinned then
     */
    @Override
    public synchronized void close() {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (free.size() < all.size() || !waiting.isEmpty()) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0 || !waited(left)) {
                throw new IllegalStateException((all.size() - free.size())
                        + " chunks of pinned memory are still under way and cannot be freed");
            }
        }
        close(all);
        all.clear();
        free.clear();
    }

    private boolean waited(long millis) {
        try {
            wait(millis);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
