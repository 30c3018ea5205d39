package io.kvstore.cuda;

/**
 * One GPU as the driver describes it.
 *
 * @param ordinal its number, from 0, in the driver's order
 * @param name such as {@code NVIDIA H100 80GB HBM3}
 * @param totalBytes the memory it has
 * @param major the compute capability's first number
 * @param minor its second
 * @param multiprocessors how many blocks of threads run at one time, at the least
 */
public record GpuInfo(int ordinal, String name, long totalBytes, int major, int minor, int multiprocessors) {

    /** Such as {@code gpu(0)}. */
    public String label() {
        return "gpu(" + ordinal + ")";
    }

    @Override
    public String toString() {
        return label() + " " + name + ", compute capability " + major + "." + minor + ", " + (totalBytes >> 20)
                + " MiB";
    }
}
