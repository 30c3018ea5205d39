package io.kvstore.examples.benchmarks.compare;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;

/**
 * A process of {@code mpirun}: sums a work's arrays over all processes, one {@code MPI_Allreduce} for each array, checks the
 * sums, and prints the milliseconds of each round if it is the first process. Open MPI only: other libraries name their
 * constants in other ways.
 */
final class MpiRank {
    private static final NativeLibrary MPI = NativeLibrary.getInstance("libmpi.so.40");
    private static final Pointer WORLD = MPI.getGlobalVariableAddress("ompi_mpi_comm_world");
    private static final Pointer FLOAT = MPI.getGlobalVariableAddress("ompi_mpi_float");
    private static final Pointer SUM = MPI.getGlobalVariableAddress("ompi_mpi_op_sum");
    private static final Pointer INT = MPI.getGlobalVariableAddress("ompi_mpi_int");
    private static final Function ALLREDUCE = MPI.getFunction("MPI_Allreduce");

    private final ArraySet arrays;
    private final Memory sent;
    private final Memory received;

    private MpiRank(ArraySet arrays) {
        this.arrays = arrays;
        sent = new Memory(Float.BYTES * arrays.floats());
        received = new Memory(Float.BYTES * arrays.floats());
    }

    /** Arguments: the work as text, seconds. */
    public static void main(String[] arguments) {
        call("MPI_Init", Pointer.NULL, Pointer.NULL);
        IntByReference rank = new IntByReference();
        call("MPI_Comm_rank", WORLD, rank);
        Work work = Work.parse(arguments[0]);
        new MpiRank(work.arrays())
                .run(rank.getValue(), work.workers(), (long) (Double.parseDouble(arguments[1]) * 1e9));
        call("MPI_Finalize");
        System.exit(0);
    }

    private void run(int rank, int size, long nanos) {
        long floats = arrays.floats();
        for (long i = 0; i < floats; i++) {
            sent.setFloat(Float.BYTES * i, rank + 1 + i % 7);
        }
        play(nanos / 2);
        for (double millis : play(nanos)) {
            if (rank == 0) {
                System.out.println(millis);
            }
        }
        for (long i = 0; i < floats; i++) {
            float expected = size * (size + 1) / 2f + size * (i % 7);
            if (received.getFloat(Float.BYTES * i) != expected) {
                throw new WrongValueException("wrong value: element=" + i + ", expected=" + expected + ", given="
                        + received.getFloat(Float.BYTES * i));
            }
        }
    }

    /** As many rounds as the first process finds time for, at least one. */
    private double[] play(long nanos) {
        long before = System.nanoTime();
        round();
        long one = System.nanoTime() - before;
        Memory count = new Memory(Integer.BYTES);
        count.setInt(0, (int) Math.max(1, nanos / one));
        call("MPI_Bcast", count, 1, INT, 0, WORLD);
        double[] millis = new double[count.getInt(0)];
        for (int round = 0; round < millis.length; round++) {
            call("MPI_Barrier", WORLD);
            long start = System.nanoTime();
            round();
            millis[round] = (System.nanoTime() - start) / 1e6;
        }
        return millis;
    }

    private void round() {
        long position = 0;
        for (int length : arrays.lengths()) {
            check("MPI_Allreduce", ALLREDUCE.invokeInt(new Object[] {
                sent.share(position), received.share(position), length, FLOAT, SUM, WORLD
            }));
            position += (long) Float.BYTES * length;
        }
    }

    private static void call(String name, Object... arguments) {
        check(name, MPI.getFunction(name).invokeInt(arguments));
    }

    private static void check(String name, int result) {
        if (result != 0) {
            throw new IllegalStateException(name + " failed: " + result);
        }
    }
}
