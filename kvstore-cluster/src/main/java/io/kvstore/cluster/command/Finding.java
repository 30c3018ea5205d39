package io.kvstore.cluster.command;

import java.util.Locale;

/**
 * What {@code doctor} found of one thing.
 *
 * @param subject such as {@code java}
 * @param level whether a store can work with it
 * @param found what is there
 * @param remedy what to do; empty if nothing is to be done
 */
record Finding(String subject, Level level, String found, String remedy) {

    enum Level {
        OK,
        /** It works, but worse than it could, or not for everything. */
        WARN,
        /** It does not work. */
        FAIL
    }

    static Finding ok(String subject, String found) {
        return new Finding(subject, Level.OK, found, "");
    }

    static Finding warn(String subject, String found, String remedy) {
        return new Finding(subject, Level.WARN, found, remedy);
    }

    static Finding fail(String subject, String found, String remedy) {
        return new Finding(subject, Level.FAIL, found, remedy);
    }

    /** One line, and a second one with the remedy if there is one. */
    @Override
    public String toString() {
        String line =
                String.format(Locale.ROOT, "%-4s  %-9s  %s", level.name().toLowerCase(Locale.ROOT), subject, found);
        return remedy.isEmpty() ? line : line + System.lineSeparator() + " ".repeat(17) + "-> " + remedy;
    }
}
