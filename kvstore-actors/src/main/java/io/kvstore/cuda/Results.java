package io.kvstore.cuda;

import io.kvstore.cuda.CudaException.Kind;
import java.util.Set;

/** What the driver's result codes mean. */
final class Results {
    static final int SUCCESS = 0;
    static final int INVALID_VALUE = 1;
    static final int OUT_OF_MEMORY = 2;
    static final int NO_DEVICE = 100;
    static final int NOT_FOUND = 500;
    static final int NOT_READY = 600;
    static final int PEER_ALREADY_ENABLED = 704;

    /** After one of these a context answers every call with it: deinitialized, unavailable, memory and kernel faults. */
    private static final Set<Integer> LOST =
            Set.of(4, 46, 201, 214, 220, 700, 702, 709, 710, 714, 715, 716, 717, 718, 719, 999);

    /** Kernels unknown, made for another GPU, or asking for more than a GPU has. */
    private static final Set<Integer> LAUNCH = Set.of(98, 200, 209, 218, 221, 222, 223, 300, 301, 500, 701, 720);

    private Results() {}

    static Kind kind(int code, boolean launching) {
        if (code == OUT_OF_MEMORY) {
            return Kind.OUT_OF_MEMORY;
        }
        if (LOST.contains(code)) {
            return Kind.DEVICE_LOST;
        }
        return launching || LAUNCH.contains(code) ? Kind.LAUNCH_FAILED : Kind.REFUSED;
    }

    /** The failure of something that was tried on a GPU, such as {@code allocating 12 bytes on gpu(0)}. */
    static CudaException failure(String tried, int code, String name, boolean launching) {
        Kind kind = kind(code, launching);
        String advice = switch (kind) {
            case OUT_OF_MEMORY -> "; use fewer or smaller arrays there, another device, or stop what else uses it";
            case DEVICE_LOST ->
                "; the device and its memory are lost to this process: restart it, and look at the"
                        + " system's log for the GPU's fault";
            case LAUNCH_FAILED -> "; the kernel did not start and nothing has changed";
            case REFUSED -> "; nothing has changed";
        };
        return new CudaException(kind, code, name, tried + " failed" + advice);
    }
}
