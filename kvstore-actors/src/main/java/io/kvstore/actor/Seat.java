package io.kvstore.actor;

/**
 * A worker's place in the rounds of a key.
 *
 * @param worker its name
 * @param incarnation which of its lives
 * @param rank the order of its contributions
 * @param firstRound the round to which its first push of the key's generation belongs, from 1
 */
public record Seat(String worker, long incarnation, int rank, long firstRound) {}
