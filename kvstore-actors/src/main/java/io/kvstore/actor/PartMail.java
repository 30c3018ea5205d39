package io.kvstore.actor;

import io.kvstore.Reason;

/**
 * What the slices of one key tell each other so that an optimizer may use sums over the whole key; see {@link
 * SumExchange}. Each may be lost, and may come more than once.
 */
public sealed interface PartMail extends KeyMessage {

    /** The life of the key that it is about. */
    long generation();

    /** The version that is being made. */
    long version();

    /** To the head: a slice's share of the sums. The array is not changed any more. */
    record SumsTaken(int slice, long generation, long version, double[] sums) implements PartMail {}

    /** From the head to a slice: its share has not come. */
    record SumsWanted(long generation, long version) implements PartMail {}

    /** From the head to a slice: the sums over the whole key. The array is not changed any more. */
    record SumsCombined(long generation, long version, double[] sums) implements PartMail {}

    /** Either way: the sender made no update for that version and will make none, so nobody must. */
    record SumsFailed(long generation, long version, Reason reason, String message) implements PartMail {}
}
