package io.kvstore.cluster.session;

/**
 * Who the session is to the servers.
 *
 * @param worker its name
 * @param incarnation which of its lives
 * @param epoch the membership it knows
 * @param gives whether it has the lowest rank of the live members, whose value a new key takes
 */
record Self(String worker, long incarnation, long epoch, boolean gives) {}
