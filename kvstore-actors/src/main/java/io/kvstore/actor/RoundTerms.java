package io.kvstore.actor;

/**
 * How the keys of a store with several workers take pushes.
 *
 * @param inRounds whether the pushes of all workers make one version together; else each makes one by itself
 * @param byRank whether contributions are added in the order of ranks, so that equal inputs give equal bits; else in that
 *     of arrival
 * @param failRounds whether a round is given up when a worker is lost that has not contributed; else it closes without it
 * @param heldBytes the bytes of contributions that the keys of one node may hold until it is their turn
 */
public record RoundTerms(boolean inRounds, boolean byRank, boolean failRounds, long heldBytes) {}
