package io.kvstore.examples.benchmarks.mxnet;

/** A call that MXNet refused, with MXNet's own message. */
public final class MxException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MxException(String message) {
        super(message);
    }

    MxException(String message, Throwable cause) {
        super(message, cause);
    }
}
