package io.kvstore.optimizer;

/** Settings' values as their users give them. */
final class Values {
    private Values() {}

    static IllegalArgumentException refused(String name, String expected, Object given) {
        return new IllegalArgumentException(name + " must be " + expected + ", given " + given);
    }

    /** A finite number; true is 1 and false 0. */
    static double number(String name, Object value) {
        if (value instanceof Boolean yes) {
            return yes ? 1 : 0;
        }
        if (!(value instanceof Number number)) {
            throw refused(name, "a number", value);
        }
        if (!Double.isFinite(number.doubleValue())) {
            throw refused(name, "a finite number", value);
        }
        return number.doubleValue() == 0 ? 0 : number.doubleValue(); // -0 equals 0
    }

    /** A whole number from 0 to 2^53, the last up to which doubles count. */
    static long count(String name, Object value) {
        double number = number(name, value);
        if (number < 0 || number > 0x1p53 || number != Math.rint(number)) {
            throw refused(name, "a whole number from 0 to 2^53", value);
        }
        return (long) number;
    }

    static boolean flag(String name, Object value) {
        double number = number(name, value);
        if (number != 0 && number != 1) {
            throw refused(name, "true or false (1 or 0)", value);
        }
        return number == 1;
    }
}
