package io.kvstore.cluster.coordinator;

/**
 * What a worker asks of the coordinator; sent again until it is answered, so every request may arrive more than once.
 *
 * @param worker the worker's name; empty if it has none yet
 * @param incarnation the life that asks; 0 when there is none
 * @param client the worker's process, a random number
 * @param call numbers the process's requests that are to be told apart, from 1; others have 0
 * @param term the greatest that the worker has heard of; a coordinator with a smaller one takes a greater one
 */
record WorkerRequest(String store, String worker, long incarnation, long client, long call, long term, Ask ask) {

    sealed interface Ask {}

    /**
     * Starts a life.
     *
     * @param ticket the last incarnation that was given when the worker asked: if another was given since, this may be a
     *     late copy, and the worker is told the new ticket
     * @param workers how many the worker expects
     */
    record Register(long ticket, int workers, Memory memory) implements Ask {}

    /** A sign of life; {@code news} is the last {@link WorkerReply.News} that it has of this term, or 0. */
    record Heartbeat(long news) implements Ask {}

    /** Ends the life. */
    record Leave() implements Ask {}

    /** The worker has come to {@code barrier} and all before it. */
    record Enter(long barrier) implements Ask {}

    /** Sets the configuration, if its version is {@code expected} or that is negative. */
    record Configure(long expected, String content) implements Ask {}

    /** Runs on every server. */
    record Command(CommandKind kind, int head, String body) implements Ask {}

    /** Counts the dead of the groups 1 coordinator, 2 servers, 4 workers, or a sum of them. */
    record CountDead(int group) implements Ask {}
}
