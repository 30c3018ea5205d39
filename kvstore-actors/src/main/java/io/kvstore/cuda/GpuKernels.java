package io.kvstore.cuda;

import io.kvstore.optimizer.DeviceStep;
import io.kvstore.tensor.DType;
import java.util.Arrays;

/**
 * The store's arithmetic on one GPU: starts the kernels of {@code src/main/cuda/kernels.cu}. Every method puts work into
 * the stream and returns at once; any thread may call.
 *
 * <p>Results have the host's bits ({@link io.kvstore.tensor.Kernels} in the order of {@code device} stores,
 * {@link io.kvstore.optimizer}, {@link io.kvstore.compression}), but for NaNs, which stay NaNs of any bits. Addresses are
 * device addresses, aligned to their elements; at multiples of 16 bytes the kernels are fastest. Nothing is checked
 * against the size of the memory: that is the caller's knowledge. Counts may be 0.
 */
public final class GpuKernels {
    /** How many arrays one start of a kernel adds up; more are added in turns, to the same bits. */
    static final int MOST_SOURCES = 8;

    private static final int THREADS = 256;
    private static final int WARP = 32;
    private static final int PIECE = 16;

    /** Enough that every multiprocessor has more than it runs at one time, and no start takes long. */
    private static final int BLOCKS_PER_MULTIPROCESSOR = 16;

    private static final int TO_ROWS = 0;
    private static final int FROM_ROWS = 1;
    private static final int ZEROS = 2;

    private final int mostBlocks;

    public GpuKernels(Gpu gpu) {
        this.mostBlocks = BLOCKS_PER_MULTIPROCESSOR * gpu.info().multiprocessors();
    }

    /**
     * {@code into[i] = (sources[0][i] + sources[1][i]) + ...}.
     *
     * @param sources any number from 1
     * @param into may be {@code sources[0]}
     */
    public void sum(GpuStream stream, DType dtype, long[] sources, long into, long count) {
        for (int first = 0; first == 0 || first < sources.length; ) {
            long[] some = turn(sources, first, into);
            Arguments arguments = new Arguments();
            addSources(arguments, some)
                    .add(into)
                    .add(count)
                    .add(some.length)
                    .add(aligned(some) && aligned(into) ? 1 : 0);
            String kernel = (some.length <= 4 ? "sum4_" : "sum8_") + name(dtype);
            launch(stream, kernel, perPiece(count, dtype), arguments);
            first += first == 0 ? some.length : some.length - 1;
        }
    }

    /** The next up to eight sources, after the first turn behind the sum so far. */
    private static long[] turn(long[] sources, int first, long sum) {
        int end = Math.min(sources.length, first + (first == 0 ? MOST_SOURCES : MOST_SOURCES - 1));
        long[] some = Arrays.copyOfRange(sources, first == 0 ? 0 : first - 1, end);
        if (first > 0) {
            some[0] = sum;
        }
        return some;
    }

    /**
     * The sum of row-sparse arrays: each row begins at 0 and has the sources' rows added in order.
     *
     * @param sources the rows that each source gives, one after the other
     * @param places for each source an int32 for each row of the sum: which of the source's rows belongs there, or -1
     * @param into {@code rows * rowLength} elements, none of a source's
     */
    public void sumRows(
            GpuStream stream, DType dtype, long[] sources, long[] places, long into, long rows, long rowLength) {
        for (int first = 0; first < sources.length; first += MOST_SOURCES) {
            int end = Math.min(sources.length, first + MOST_SOURCES);
            Arguments arguments = new Arguments();
            addSources(arguments, Arrays.copyOfRange(sources, first, end));
            addSources(arguments, Arrays.copyOfRange(places, first, end))
                    .add(into)
                    .add(rows)
                    .add(rowLength)
                    .add(end - first)
                    .add(first == 0 ? 0 : 1);
            launchRows(stream, "sum_rows_" + name(dtype), rows, rowLength, arguments);
        }
    }

    /**
     * Sums the gradients, as {@link #sum}, and applies the sum: weight and states are updated in place, in the same pass over
     * memory.
     *
     * @param gradients of the weight's type, from 1 to {@value #MOST_SOURCES}; only read
     * @param states as {@link io.kvstore.optimizer.OptimizerKernel#newStates} orders them: a master copy first
     */
    public void update(
            GpuStream stream, DeviceStep step, DType dtype, long[] gradients, long weight, long[] states, long count) {
        Arguments arguments = update(step, dtype, gradients, weight, states, 0, count, 0);
        launch(stream, kernel(step, dtype), perPiece(count, dtype), arguments);
    }

    /**
     * Updates some rows of the weight and of its states in place, and reads no others.
     *
     * @param gradient the rows' gradients, one after the other
     * @param ids int64, the rows, none twice
     */
    public void updateRows(
            GpuStream stream,
            DeviceStep step,
            DType dtype,
            long gradient,
            long ids,
            long rows,
            long rowLength,
            long weight,
            long[] states) {
        Arguments arguments = update(step, dtype, new long[] {gradient}, weight, states, ids, rows, rowLength);
        launchRows(stream, kernel(step, dtype) + "_rows", rows, rowLength, arguments);
    }

    private static String kernel(DeviceStep step, DType dtype) {
        return step.rule() + "_" + dtype + (step.master() ? "_master" : "");
    }

    private static Arguments update(
            DeviceStep step,
            DType dtype,
            long[] gradients,
            long weight,
            long[] states,
            long ids,
            long count,
            long rowLength) {
        if (gradients.length < 1 || gradients.length > MOST_SOURCES || states.length != step.states()) {
            throw new IllegalArgumentException("an update by " + step.rule() + " expects 1 to " + MOST_SOURCES
                    + " gradients and " + step.states() + " states, given " + gradients.length + " and "
                    + states.length);
        }
        int masters = step.master() ? 1 : 0;
        Arguments arguments = new Arguments();
        addSources(arguments, gradients).add(weight).add(step.master() ? states[0] : 0L);
        for (int k = 0; k < DeviceStep.MOST_STATES; k++) {
            arguments.add(masters + k < states.length ? states[masters + k] : 0L);
        }
        arguments.add(ids).add(count).add(rowLength);
        for (double coefficient : step.coefficients()) {
            if (dtype == DType.FLOAT64) {
                arguments.add(coefficient);
            } else {
                arguments.add((float) coefficient);
            }
        }
        boolean aligned = aligned(gradients) && aligned(weight) && aligned(states);
        return arguments.add(gradients.length).add(aligned ? 1 : 0);
    }

    /** {@code into[ids[r]] = rows[r]} for each row r; {@code ids} are int64. */
    public void scatterRows(GpuStream stream, DType dtype, long rows, long ids, long count, long rowLength, long into) {
        copyRows(stream, rows, into, ids, count, rowLength * dtype.bytes(), TO_ROWS);
    }

    /** {@code into[r] = rows[ids[r]]} for each row r; {@code ids} are int64. */
    public void gatherRows(GpuStream stream, DType dtype, long rows, long ids, long count, long rowLength, long into) {
        copyRows(stream, rows, into, ids, count, rowLength * dtype.bytes(), FROM_ROWS);
    }

    /** {@code rows[ids[r]] = 0} for each r; {@code ids} are int64. */
    public void zeroRows(GpuStream stream, DType dtype, long rows, long ids, long count, long rowLength) {
        copyRows(stream, rows, rows, ids, count, rowLength * dtype.bytes(), ZEROS);
    }

    private void copyRows(GpuStream stream, long from, long to, long ids, long rows, long rowBytes, int way) {
        long unit = Math.min(PIECE, Long.lowestOneBit(from | to | rowBytes | PIECE));
        Arguments arguments = new Arguments();
        arguments.add(from).add(to).add(ids).add(rows).add(rowBytes / unit).add(way);
        launchRows(stream, "copy_rows_" + unit, rows, rowBytes / unit, arguments);
    }

    /** Converts between floating types, as {@link io.kvstore.tensor.Casts}; the types differ. */
    public void cast(GpuStream stream, DType from, long source, DType to, long into, long count) {
        Arguments arguments = new Arguments();
        arguments.add(source).add(into).add(count).add(aligned(source, into) ? 1 : 0);
        launch(stream, "cast_" + from + "_" + to, perPiece(count, from), arguments);
    }

    /**
     * Packs a float32 gradient and what earlier ones left, by 1 or 2 bits.
     *
     * @param bits 1 or 2
     * @param residual what earlier gradients left, or 0: nothing
     * @param left what this one leaves; may be {@code residual}
     * @param payload as many bytes as {@link io.kvstore.compression.GradientCodec#payloadBytes} says
     */
    public void encode(
            GpuStream stream,
            int bits,
            float threshold,
            long gradient,
            long residual,
            long left,
            long payload,
            long count) {
        Arguments arguments = codec(gradient, residual, left, payload, 0, count, threshold, false);
        launch(stream, "encode_" + bits + "bit", count * bits / 8 + Integer.BYTES, arguments);
    }

    /**
     * Unpacks a sound payload.
     *
     * @param add whether to add to what is there
     */
    public void decode(GpuStream stream, int bits, float threshold, long payload, long into, long count, boolean add) {
        Arguments arguments = codec(0, 0, 0, payload, into, count, threshold, add);
        launch(stream, "decode_" + bits + "bit", (count * bits + 7) / 8, arguments);
    }

    /**
     * Looks for float32 values that are infinite or NaN.
     *
     * @param found of an int32, which becomes 1 if there is one, and else stays as it is
     */
    public void notFinite(GpuStream stream, long values, long found, long count) {
        launch(
                stream,
                "not_finite",
                count,
                new Arguments().add(values).add(found).add(count));
    }

    private static Arguments codec(
            long gradient,
            long residual,
            long left,
            long payload,
            long values,
            long count,
            float threshold,
            boolean add) {
        boolean aligned = aligned(gradient, residual, left, values);
        return new Arguments()
                .add(gradient)
                .add(residual)
                .add(left)
                .add(payload)
                .add(values)
                .add(count)
                .add(threshold)
                .add(add ? 1 : 0)
                .add(aligned ? 1 : 0);
    }

    private void launch(GpuStream stream, String kernel, long work, Arguments arguments) {
        if (work > 0) {
            stream.launch(kernel, (int) Math.min(mostBlocks, (work + THREADS - 1) / THREADS), THREADS, arguments);
        }
    }

    /** One block goes through a row at a time. */
    private void launchRows(GpuStream stream, String kernel, long rows, long rowLength, Arguments arguments) {
        if (rows > 0 && rowLength > 0) {
            long warps = Math.min(THREADS / WARP, (rowLength + WARP - 1) / WARP);
            stream.launch(kernel, (int) Math.min(mostBlocks, rows), (int) warps * WARP, arguments);
        }
    }

    /** How many threads have something to do, at the most. */
    private static long perPiece(long count, DType dtype) {
        return count == 0 ? 0 : Math.max(1, count * dtype.bytes() / PIECE);
    }

    private static Arguments addSources(Arguments arguments, long[] sources) {
        for (int d = 0; d < MOST_SOURCES; d++) {
            arguments.add(d < sources.length ? sources[d] : 0L);
        }
        return arguments;
    }

    private static boolean aligned(long... addresses) {
        return Arrays.stream(addresses).allMatch(address -> address % PIECE == 0);
    }

    private static String name(DType dtype) {
        return dtype == DType.UINT8 ? "int8" : dtype.toString();
    }
}
