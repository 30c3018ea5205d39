package io.kvstore.cluster.link;

import java.security.SecureRandom;

/** A number of 128 bits that only those know who were told it. */
public record Token(long high, long low) {

    static Token fresh(SecureRandom random) {
        return new Token(random.nextLong(), random.nextLong());
    }

    /** Not to be printed. */
    @Override
    public String toString() {
        return "Token";
    }
}
