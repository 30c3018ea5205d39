package io.kvstore.cuda;

/** A call of the CUDA driver that failed, with the driver's code and name for it and what can be done. */
public final class CudaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What a failure means for work that comes after it. */
    public enum Kind {
        /** The memory asked for is not there; nothing has changed, and everything else goes on. */
        OUT_OF_MEMORY,
        /** The device answers nothing any more: its memory is lost, and every later call on it fails the same way. */
        DEVICE_LOST,
        /** A kernel could not be started, or is not known; nothing has changed, and everything else goes on. */
        LAUNCH_FAILED,
        /** Any other refusal of the driver, which a wrong argument brings about. */
        REFUSED
    }

    private final Kind kind;
    private final int code;
    private final String name;

    /**
     * @param code the driver's code, a {@code CUresult}
     * @param name the driver's name for it, such as {@code CUDA_ERROR_OUT_OF_MEMORY}
     * @param message what was tried, on which device, what it means and what to do
     */
    public CudaException(Kind kind, int code, String name, String message) {
        super(message + " (" + name + ", " + code + ")");
        this.kind = kind;
        this.code = code;
        this.name = name;
    }

    public Kind kind() {
        return kind;
    }

    /** The driver's code, a {@code CUresult}. */
    public int code() {
        return code;
    }

    /** The driver's name for the code. */
    public String codeName() {
        return name;
    }
}
