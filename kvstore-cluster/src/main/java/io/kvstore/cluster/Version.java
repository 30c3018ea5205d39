package io.kvstore.cluster;

import java.util.Optional;

/** The version of this program, which its jar names. */
public final class Version {
    private Version() {}

    /** Such as {@code 0.1.0}; {@code unpackaged} when it runs from class files. */
    public static String text() {
        return Optional.ofNullable(Version.class.getPackage().getImplementationVersion())
                .orElse("unpackaged");
    }
}
