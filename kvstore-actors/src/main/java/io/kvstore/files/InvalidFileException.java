package io.kvstore.files;

import java.io.IOException;

/** The file could be read and is not what it should be. */
final class InvalidFileException extends IOException {
    private static final long serialVersionUID = 1L;

    InvalidFileException(String what) {
        super(what);
    }
}
