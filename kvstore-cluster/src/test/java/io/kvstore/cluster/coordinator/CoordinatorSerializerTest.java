package io.kvstore.cluster.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.typed.ActorRef;
import akka.actor.typed.javadsl.Adapter;
import akka.serialization.Serialization;
import akka.serialization.SerializationExtension;
import com.typesafe.config.ConfigFactory;
import io.kvstore.Reason;
import java.io.NotSerializableException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CoordinatorSerializerTest {
    private static final Membership MEMBERSHIP = new Membership(
            "s",
            5,
            3,
            7,
            List.of(
                    new Member("a", 0, 1, Member.State.LIVE),
                    new Member("b", 1, 7, Member.State.DEAD),
                    new Member("\u20ac", 2, 1, Member.State.LEFT)));
    private static final Configuration CONFIGURATION = new Configuration(2, "{\"name\": \"sgd\"}");
    private static final WorkerReply.News NEWS =
            new WorkerReply.News(9, 4, MEMBERSHIP, CONFIGURATION, List.of("akka://kvstore@h:1", "akka://kvstore@h:2"));
    private static final StoreRecord RECORD = new StoreRecord(
            new Ballot(3, -4),
            6,
            "s",
            3,
            5,
            7,
            4,
            CONFIGURATION,
            List.of(new Seat(new Member("a", 0, 1, Member.State.LIVE), -11, 12, 13, 14)));
    private static final CommandOutcome OUTCOME = new CommandOutcome("akka://kvstore@h:1", "done", "");

    private static ActorTestKit testKit;
    private static Serialization serialization;
    private static ActorRef<WorkerReply> worker;
    private static ActorRef<CoordinatorActor.Command> coordinator;

    @BeforeAll
    static void start() {
        testKit = ActorTestKit.create(
                ConfigFactory.parseString("akka.actor { provider = local, allow-java-serialization = off }")
                        .withFallback(ConfigFactory.load()));
        serialization = SerializationExtension.get(Adapter.toClassic(testKit.system()));
        worker = testKit.<WorkerReply>createTestProbe().ref();
        coordinator = testKit.<CoordinatorActor.Command>createTestProbe().ref();
    }

    @AfterAll
    static void stop() {
        testKit.shutdownTestKit();
    }

    static Stream<CoordinatorMessage> messages() {
        return Stream.of(asks(), answers(), orders(), reports()).flatMap(each -> each);
    }

    private static Stream<CoordinatorMessage> asks() {
        return Stream.<WorkerRequest.Ask>of(
                        new WorkerRequest.Register(-1, 3, new Memory(2, 5, 4, CONFIGURATION)),
                        new WorkerRequest.Heartbeat(9),
                        new WorkerRequest.Leave(),
                        new WorkerRequest.Enter(4),
                        new WorkerRequest.Configure(-1, "{}"),
                        new WorkerRequest.Command(CommandKind.PROFILER, -7, "state"),
                        new WorkerRequest.CountDead(6))
                .map(ask -> new CoordinatorActor.FromWorker(worker, new WorkerRequest("s", "a", 1, -2, 3, 4, ask)));
    }

    private static Stream<CoordinatorMessage> answers() {
        return Stream.<WorkerReply.Answer>of(
                        new WorkerReply.Ticket(1, 7, List.of("akka://kvstore@h:1")),
                        new WorkerReply.Registered(1, "a", 0, 1, NEWS),
                        new WorkerReply.Refused(1, Reason.INVALID_CONFIGURATION, "full"),
                        new WorkerReply.Waiting(1, "1 of 2 workers are here"),
                        NEWS,
                        new WorkerReply.Alive(),
                        new WorkerReply.SessionClosed("a", 1, Closed.REPLACED),
                        new WorkerReply.Configured(1, 2),
                        new WorkerReply.CommandRan(1, 2, OUTCOME),
                        new WorkerReply.DeadNodes(1, 2))
                .map(answer -> new WorkerReply(3, "s", answer));
    }

    private static Stream<CoordinatorMessage> orders() {
        return Stream.of(
                        new ViewRequest.Prepare(),
                        new ViewRequest.Write(RECORD, true),
                        new ViewRequest.Run("s", "a", 1, -2, 3, CommandKind.CONTROLLER, 4, "body"))
                .map(order -> new MembershipView.FromCoordinator(
                        coordinator, new ViewRequest(new Ballot(3, -4), new Server("akka://kvstore@h:1", 5), order)));
    }

    private static Stream<CoordinatorMessage> reports() {
        return Stream.<ViewReply.Report>of(
                        new ViewReply.Promised(0, 1, List.of(RECORD), List.of("akka://kvstore@h:9")),
                        new ViewReply.Outbid(new Ballot(4, 5)),
                        new ViewReply.Wrote("s", 6, false),
                        new ViewReply.Ran("s", "a", -2, 3, OUTCOME))
                .map(report -> new ViewReply(new Ballot(3, -4), new Server("akka://kvstore@h:1", -5), report));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void everyMessageComesBackAsItWas(CoordinatorMessage message) throws Exception {
        CoordinatorSerializer serializer = serializer(message);
        byte[] bytes = serializer.toBinary(message);
        assertThat(serializer.fromBinary(bytes, serializer.manifest(message))).isEqualTo(message);
    }

    @Test
    void everyKindOfMessageIsTried() {
        Set<Class<?>> kinds = new HashSet<>();
        messages().forEach(each -> kinds.add(contentOf(each).getClass()));
        assertThat(kinds)
                .contains(WorkerRequest.Ask.class.getPermittedSubclasses())
                .contains(WorkerReply.Answer.class.getPermittedSubclasses())
                .contains(ViewRequest.Order.class.getPermittedSubclasses())
                .contains(ViewReply.Report.class.getPermittedSubclasses());
    }

    /** Other versions of this program read these bytes: a change here needs another version byte. */
    @Test
    void theBytesOfVersionOneNeverChange() {
        assertThat(hexOf(new WorkerReply(3, "s", NEWS)))
                .isEqualTo("01" + "0300000000000000" + "0100000073" + "05" // version, term, store, kind
                        + "0900000000000000" + "0400000000000000" // number, released barrier
                        + "0100000073" + "0500000000000000" + "03000000"
                        + "0700000000000000" // store, epoch, workers, last
                        + "03000000" + "0100000061" + "00000000" + "0100000000000000"
                        + "00" // members: name, rank, life, state
                        + "0100000062" + "01000000" + "0700000000000000" + "01"
                        + "03000000e282ac" + "02000000" + "0100000000000000" + "02"
                        + "0200000000000000" + "0f000000" + "7b226e616d65223a2022736764227d" // configuration
                        + "02000000" + "12000000" + "616b6b613a2f2f6b7673746f726540683a31" // servers
                        + "12000000" + "616b6b613a2f2f6b7673746f726540683a32");
        assertThat(hexOf(new ViewReply(
                        new Ballot(3, -4),
                        new Server("h", -5),
                        new ViewReply.Promised(0, 1, List.of(RECORD), List.of("g")))))
                .isEqualTo("01" + "0300000000000000" + "fcffffffffffffff" + "0100000068" + "fbffffffffffffff" + "01"
                        + "00000000" + "01000000" + "01000000" // part, parts, records
                        + "0300000000000000" + "fcffffffffffffff" + "0600000000000000" + "0100000073" + "03000000"
                        + "0500000000000000" + "0700000000000000" + "0400000000000000"
                        + "0200000000000000" + "0f000000" + "7b226e616d65223a2022736764227d"
                        + "01000000" + "0100000061" + "00000000" + "0100000000000000" + "00"
                        + "f5ffffffffffffff" + "0c00000000000000" + "0d00000000000000" + "0e00000000000000"
                        + "01000000" + "0100000067");
    }

    @ParameterizedTest
    @MethodSource("messages")
    void bytesThatEndTooEarlyOrTooLateAreRefused(CoordinatorMessage message) {
        CoordinatorSerializer serializer = serializer(message);
        String manifest = serializer.manifest(message);
        byte[] bytes = serializer.toBinary(message);
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> serializer.fromBinary(cut, manifest)).isInstanceOf(NotSerializableException.class);
        }
        assertThatThrownBy(() -> serializer.fromBinary(Arrays.copyOf(bytes, bytes.length + 1), manifest))
                .isInstanceOf(NotSerializableException.class)
                .hasMessageContaining("malformed");
    }

    @ParameterizedTest
    @MethodSource("messages")
    void damagedBytesAreRefusedOrAnotherMessage(CoordinatorMessage message) {
        CoordinatorSerializer serializer = serializer(message);
        String manifest = serializer.manifest(message);
        byte[] bytes = serializer.toBinary(message);
        for (long seed = 1; seed <= 300; seed++) {
            Random random = new Random(seed);
            byte[] damaged = bytes.clone();
            for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            }
            try {
                assertThat(serializer.fromBinary(damaged, manifest)).isInstanceOf(message.getClass());
            } catch (NotSerializableException e) {
                assertThat(e).as("seed %s", seed).hasMessageContaining("malformed");
            }
        }
    }

    @Test
    void anotherVersionOrManifestIsRefused() {
        CoordinatorMessage message = new WorkerReply(1, "s", new WorkerReply.Alive());
        byte[] bytes = serializer(message).toBinary(message);
        assertThatThrownBy(() -> serializer(message).fromBinary(bytes, "x")).hasMessageContaining("no such manifest");
        bytes[0] = 2;
        assertThatThrownBy(() -> serializer(message).fromBinary(bytes, "w"))
                .hasMessageContaining("version 1 is understood, given 2");
    }

    private static String hexOf(CoordinatorMessage message) {
        return HexFormat.of().formatHex(serializer(message).toBinary(message));
    }

    private static CoordinatorSerializer serializer(CoordinatorMessage message) {
        return (CoordinatorSerializer) serialization.findSerializerFor(message);
    }

    private static Object contentOf(CoordinatorMessage message) {
        if (message instanceof CoordinatorActor.FromWorker from) {
            return from.request().ask();
        } else if (message instanceof WorkerReply reply) {
            return reply.answer();
        } else if (message instanceof MembershipView.FromCoordinator from) {
            return from.request().order();
        }
        return ((ViewReply) message).report();
    }
}
