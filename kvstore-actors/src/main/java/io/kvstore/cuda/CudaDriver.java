package io.kvstore.cuda;

import java.util.List;

/** The CUDA driver of this machine, or one that stands in for it. Any thread may call it. */
public interface CudaDriver {

    /** One line for logs: which driver, by which road. */
    String version();

    /** The GPUs there are, in the order of their ordinals. */
    List<GpuInfo> gpus();

    /**
     * Opens a GPU: its primary context, which this process shares with other libraries that use the same GPU, with the
     * kernels loaded. The caller closes it.
     *
     * @throws CudaException if it cannot be opened, or the kernels cannot be compiled for it
     */
    Gpu open(int ordinal);
}
