package io.kvstore.cluster.coordinator;

import java.util.List;

/** What a server reports to a coordinator with {@code ballot}. */
record ViewReply(Ballot ballot, Server server, Report report) implements CoordinatorMessage, CoordinatorActor.Command {

    sealed interface Report {}

    /**
     * The ballot will be heard; this is part {@code part} of {@code parts} of what the server has.
     *
     * @param gone addresses of servers that were lost and have not come back
     */
    record Promised(int part, int parts, List<StoreRecord> records, List<String> gone) implements Report {
        Promised {
            records = List.copyOf(records);
            gone = List.copyOf(gone);
        }
    }

    /** Another coordinator has a greater ballot. */
    record Outbid(Ballot promised) implements Report {}

    /** The record is kept, and in force if it was {@code effective}. */
    record Wrote(String store, long revision, boolean effective) implements Report {}

    /** The command ran, now or when it was first asked for. */
    record Ran(String store, String worker, long client, long call, CommandOutcome outcome) implements Report {}
}
