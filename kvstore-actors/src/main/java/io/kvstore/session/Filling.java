package io.kvstore.session;

import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.NdView;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Pulled values being copied into the caller's outputs, by the calling thread and those that help it.
 *
 * <p>The elements of all values, one after the other, are cut in pieces of {@value #PIECE}, and whoever is free takes the
 * next piece: so a large value is copied by several threads, and many small ones need no hand-over each. A block of
 * {@value #BLOCK} elements goes to all outputs of its key while it is in the nearest cache.
 */
final class Filling {
    private static final int PIECE = 1 << 16;
    private static final int BLOCK = 1 << 13;

    private record Copy(DenseTensor value, List<NdView> outs, long start) {}

    private final List<Copy> copies;
    private final AtomicInteger taken = new AtomicInteger();
    private final AtomicInteger copied = new AtomicInteger();
    private volatile Throwable failure;
    private Thread caller;
    private long elements;
    private int pieces;

    /** @param values how many will be added, about */
    Filling(int values) {
        this.copies = new ArrayList<>(values);
    }

    /** Adds a value, held until {@link #run} returns, and the outputs of its shape that get it. */
    void add(DenseTensor value, List<NdView> outs) {
        if (!outs.isEmpty() && value.length() > 0) {
            copies.add(new Copy(value, outs, elements));
            elements += value.length();
        }
    }

    /**
     * Copies everything; when it returns nobody writes any more.
     *
     * @param helpers runs what it is given on another thread, now or later or never
     */
    void run(Consumer<Runnable> helpers) {
        caller = Thread.currentThread();
        pieces = Math.toIntExact((elements + PIECE - 1) / PIECE);
        for (int i = 1; i < threads(); i++) {
            helpers.accept(this::work);
        }
        work();
        while (copied.get() < pieces) {
            LockSupport.park(this);
        }
        if (failure instanceof RuntimeException e) {
            throw e;
        } else if (failure instanceof Error e) {
            throw e;
        }
    }

    /** One for many tiny values, and for outputs that share memory: of those the last added wins. */
    private int threads() {
        if (pieces == 1 || elements < (long) BLOCK * copies.size()) {
            return 1;
        }
        List<NdView> all = new ArrayList<>();
        copies.forEach(copy -> all.addAll(copy.outs));
        return NdView.areApart(all) ? Math.min(Runtime.getRuntime().availableProcessors(), pieces) : 1;
    }

    private void work() {
        for (int piece = taken.getAndIncrement(); piece < pieces; piece = taken.getAndIncrement()) {
            try {
                copy((long) piece * PIECE, Math.min((piece + 1L) * PIECE, elements));
            } catch (RuntimeException | Error e) {
                failure = e;
            }
            if (copied.incrementAndGet() == pieces) {
                LockSupport.unpark(caller);
            }
        }
    }

    /** Of all elements those from {@code from} to {@code to - 1}. */
    private void copy(long from, long to) {
        for (int i = first(from); i < copies.size() && copies.get(i).start < to; i++) {
            Copy copy = copies.get(i);
            int begin = (int) Math.max(0, from - copy.start);
            int end = (int) Math.min(copy.value.length(), to - copy.start);
            for (int at = begin; at < end; at += BLOCK) {
                int count = Math.min(BLOCK, end - at);
                for (NdView out : copy.outs) {
                    out.write(at, copy.value, at, count);
                }
            }
        }
    }

    /** The index of the value that holds the element. */
    private int first(long element) {
        int low = 0;
        int high = copies.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (copies.get(middle).start <= element) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }
}
