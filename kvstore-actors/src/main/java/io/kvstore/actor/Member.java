package io.kvstore.actor;

/**
 * A live worker of a store.
 *
 * @param worker its name
 * @param incarnation which of its lives
 * @param rank from 0, its own as long as it lives
 */
public record Member(String worker, long incarnation, int rank) {}
