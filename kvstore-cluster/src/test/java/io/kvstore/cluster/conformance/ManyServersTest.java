package io.kvstore.cluster.conformance;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/** The cases of distributed stores on other numbers of servers, and with other numbers of workers. */
@Tag("thorough")
class ManyServersTest {

    @Nested
    class RoundsOnOneServer extends SyncTest {
        @Override
        int servers() {
            return 1;
        }
    }

    @Nested
    class RoundsOnTwoServers extends SyncTest {
        @Override
        int servers() {
            return 2;
        }
    }

    @Nested
    class RoundsOnSevenServers extends SyncTest {
        @Override
        int servers() {
            return 7;
        }
    }

    @Nested
    class CompressionOfThreeWorkersOnOneServer extends CompressionTest {
        @Override
        int workers() {
            return 3;
        }

        @Override
        int servers() {
            return 1;
        }
    }

    @Nested
    class CompressionOfSevenWorkersOnSevenServers extends CompressionTest {
        @Override
        int workers() {
            return 7;
        }

        @Override
        int servers() {
            return 7;
        }
    }

    @Nested
    class DevicesOfTwoWorkersOnThreeServers extends DevicesTest {
        @Override
        int workers() {
            return 2;
        }

        @Override
        int servers() {
            return 3;
        }
    }

    @Nested
    class DevicesOfSevenWorkersOnSevenServers extends DevicesTest {
        @Override
        int workers() {
            return 7;
        }

        @Override
        int servers() {
            return 7;
        }
    }

    @Nested
    class AsynchronousOnOneServer extends AsyncTest {
        @Override
        int servers() {
            return 1;
        }
    }

    @Nested
    class AsynchronousOnSevenServers extends AsyncTest {
        @Override
        int servers() {
            return 7;
        }
    }
}
