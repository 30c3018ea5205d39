package io.kvstore.cluster.link;

import java.nio.ByteBuffer;

/**
 * Short ASCII texts that were read lately, so that a name that comes with every message is one object, whose hash is known.
 * Any thread may use it: a race costs no more than another object.
 */
final class RecentTexts {
    private static final int PLACES = 4096;
    private static final int LONGEST = 64;

    private final String[] texts = new String[PLACES];

    /** The text in the next {@code length} bytes, which are passed over; or null, and nothing is, if it is none of these. */
    String read(ByteBuffer from, int length) {
        if (length > LONGEST) {
            return null;
        }
        int start = from.position();
        int hash = 0;
        for (int i = 0; i < length; i++) {
            byte next = from.get(start + i);
            if (next < 0) {
                return null;
            }
            hash = 31 * hash + next;
        }
        int place = (hash ^ hash >>> 16) & PLACES - 1;
        String recent = texts[place];
        if (recent == null || !isEqual(recent, from, start, length)) {
            recent = text(from, start, length);
            texts[place] = recent;
        }
        from.position(start + length);
        return recent;
    }

    private static boolean isEqual(String text, ByteBuffer from, int start, int length) {
        if (text.length() != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (text.charAt(i) != from.get(start + i)) {
                return false;
            }
        }
        return true;
    }

    private static String text(ByteBuffer from, int start, int length) {
        char[] text = new char[length];
        for (int i = 0; i < length; i++) {
            text[i] = (char) from.get(start + i);
        }
        return new String(text);
    }
}
