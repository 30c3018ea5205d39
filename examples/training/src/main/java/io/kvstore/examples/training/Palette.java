package io.kvstore.examples.training;

import java.awt.Color;

/** The colours of both pictures, told apart by people with colour blindness too (Okabe and Ito). */
final class Palette {
    static final Color TRAIN = new Color(0x0072B2);
    static final Color TEST = new Color(0xD55E00);
    static final Color THIRD = new Color(0xF2C6A8);
    static final Color GRID = new Color(0xE4E4E4);
    static final Color FRAME = new Color(0x606060);

    private Palette() {}
}
