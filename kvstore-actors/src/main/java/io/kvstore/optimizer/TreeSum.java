package io.kvstore.optimizer;

import java.util.Arrays;

/**
 * Sums over a tensor whose bits do not depend on how it is cut: the elements' terms are added along a binary tree over
 * their indices.
 *
 * <pre>
 *   element   0   1   2   3   4   5   6
 *   level 1   └─+─┘   └─+─┘   └─+─┘   │      a node of level l begins at a multiple of 2^l
 *   level 2     └───+───┘       │     │      and is the sum of its two halves
 *   total           └─────+─────└──+──┘      what is left at the end is added from the right
 * </pre>
 *
 * A range of elements has the nodes that lie in it and in no larger one that does; at most two for each level. Ranges that
 * follow each other are put together by adding their nodes in order. The rounding error grows with the number of levels,
 * not of elements.
 *
 * <p>Source: Higham, "The Accuracy of Floating Point Summation", 1993 (pairwise summation).
 */
final class TreeSum {
    private final int width;
    private final long from;
    private long to;
    private double[] nodes;
    private int size;

    /**
     * @param width how many sums are taken side by side
     * @param from the index of the first element that will be added
     */
    TreeSum(int width, long from) {
        this.width = width;
        this.from = from;
        this.to = from;
        this.nodes = new double[8 * width];
    }

    /**
     * Adds the next {@code count} elements.
     *
     * @param terms of each sum one array, with a term for each element; overwritten
     */
    void addTerms(double[][] terms, int count) {
        double[] node = new double[width];
        for (int at = 0; at < count; ) {
            int level = levelOfNext(count - at);
            for (int k = 0; k < width; k++) {
                node[k] = sum(terms[k], at, level);
            }
            push(level, node, 0);
            at += 1 << level;
        }
    }

    private static double sum(double[] terms, int from, int level) {
        for (int half = 1 << level >> 1; half > 0; half >>= 1) {
            for (int i = 0; i < half; i++) {
                terms[from + i] = terms[from + 2 * i] + terms[from + 2 * i + 1];
            }
        }
        return terms[from];
    }

    /**
     * Adds the next {@code length} elements, whose nodes were formed elsewhere.
     *
     * @throws IllegalArgumentException if so many elements have another number of nodes
     */
    void addNodes(double[] given, long length) {
        long end = to + length;
        int at = 0;
        while (to < end && at + width <= given.length) {
            push(levelOfNext(end - to), given, at);
            at += width;
        }
        if (to != end || at != given.length) {
            throw new IllegalArgumentException(length + " elements from " + (end - length) + " on have other sums than "
                    + given.length + " numbers for " + width + " each");
        }
    }

    /** The level of the largest node that begins at the next element and holds at most {@code count}. */
    private int levelOfNext(long count) {
        return Math.min(Long.numberOfTrailingZeros(to), 63 - Long.numberOfLeadingZeros(count));
    }

    /** Adds the next node, and joins it with its left half as often as that is here. */
    private void push(int level, double[] sums, int at) {
        if ((size + 1) * width > nodes.length) {
            nodes = Arrays.copyOf(nodes, 2 * nodes.length);
        }
        System.arraycopy(sums, at, nodes, size * width, width);
        size++;
        long first = to;
        to += 1L << level;
        for (int l = level; (first >>> l & 1) == 1 && first - (1L << l) >= from; l++) {
            first -= 1L << l;
            joinLast();
        }
    }

    private void joinLast() {
        size--;
        for (int k = 0; k < width; k++) {
            nodes[(size - 1) * width + k] += nodes[size * width + k];
        }
    }

    /** The nodes of all that was added, from the left, the sums of each side by side. */
    double[] nodes() {
        return Arrays.copyOf(nodes, size * width);
    }

    /** The sums over all that was added. */
    double[] total() {
        double[] total = new double[width];
        for (int node = size - 1; node >= 0; node--) {
            for (int k = 0; k < width; k++) {
                total[k] = nodes[node * width + k] + total[k];
            }
        }
        return total;
    }
}
