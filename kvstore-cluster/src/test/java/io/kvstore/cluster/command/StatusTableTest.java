package io.kvstore.cluster.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.cluster.status.ClusterStatus;
import io.kvstore.cluster.status.MemberStatus;
import io.kvstore.cluster.status.NodeStatus;
import io.kvstore.cluster.status.StoreStatus;
import io.kvstore.cluster.status.WorkerStatus;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatusTableTest {

    @Test
    void tableShowsMembersStoresSharesWorkersAndWaits() {
        List<String> server = List.of("kvstore-server");
        List<MemberStatus> members = List.of(
                new MemberStatus("akka://kvstore@a:1", "Up", server, true, true),
                new MemberStatus("akka://kvstore@b:22", "Up", server, false, false));
        List<WorkerStatus> workers =
                List.of(new WorkerStatus("worker-0", 0, 1, true), new WorkerStatus("worker-1", 1, 3, false));
        StoreStatus store = new StoreStatus(
                "default",
                "sync",
                12,
                40,
                3_500_000,
                7,
                4,
                workers,
                List.of("key 'w', round 8: not yet from worker-1"));
        NodeStatus node =
                new NodeStatus("akka://kvstore@a:1", "1.0", 0, 3_723_000, 50L << 20, 1L << 30, members, List.of(store));
        NodeStatus other = new NodeStatus("akka://kvstore@c:3", "1.0", 0, 5_000, 1, 1L << 30, members, List.of());

        String table = StatusTable.of(
                new ClusterStatus(members, List.of(node, other), List.of("akka://kvstore@b:22"), List.of(store)));

        assertThat(table).isEqualTo("""
                        MEMBER  STATE            ROLES           UPTIME   HEAP                 VERSION
                        a:1     Up               kvstore-server  1 h 2 m  50.0 MiB of 1.0 GiB  1.0      coordinator
                        b:22    Up, unreachable  kvstore-server  -        -                    -        does not answer

                        STORE    MODE  KEYS  PARTS  BYTES    ROUNDS  EPOCH  WORKERS  WAITS
                        default  sync    12     40  3.3 MiB       7      4        1      1

                        STORE    SERVER  KEYS  PARTS  BYTES
                        default  a:1       12     40  3.3 MiB

                        STORE    RANK  WORKER    INCARNATION
                        default     0  worker-0            1
                        default     1  worker-1            3  gone

                        default waits: key 'w', round 8: not yet from worker-1""");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "1023, 1023 B",
        "1024, 1.0 KiB",
        "1536, 1.5 KiB",
        "1073741824, 1.0 GiB",
        "9223372036854775807, 8.0 EiB"
    })
    void sizesReadWell(long bytes, String text) {
        assertThat(Units.bytes(bytes)).isEqualTo(text);
    }
}
