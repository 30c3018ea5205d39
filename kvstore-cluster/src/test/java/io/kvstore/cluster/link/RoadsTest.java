package io.kvstore.cluster.link;

import static io.kvstore.cluster.link.Peers.Noting.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.kvstore.cluster.ClusterSettings.Road;
import io.kvstore.cluster.ClusterSettings.RoadKind;
import io.kvstore.cluster.link.LinkMessage.Frame;
import io.kvstore.cluster.link.LinkMessage.Ping;
import io.kvstore.cluster.link.LinkMessage.RoadOffered;
import io.kvstore.cluster.link.LinkMessage.RoadRefused;
import io.kvstore.cluster.link.LinkMessage.RoadWanted;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The roads of nodes whose Artery is a list. */
@Timeout(60)
class RoadsTest {
    private static final int FRAME = 20_000;
    private static final String HERE = Machine.identity();

    @TempDir
    Path directory;

    private final List<End> ends = new ArrayList<>();

    /** One node. What it sends by Artery stays here until {@link #pass}. */
    private final class End implements Roads.Node {
        final NodeId self;
        final boolean serves;
        final ExecutorService endpoint = Executors.newSingleThreadExecutor();
        final BlockingQueue<LinkMessage> byArtery = new LinkedBlockingQueue<>();
        final BlockingQueue<LinkMessage> arrived = new LinkedBlockingQueue<>();
        final Roads roads;

        End(NodeId self, boolean serves, RoadKind kind, boolean encrypted) {
            this.self = self;
            this.serves = serves;
            Road road = new Road(kind, Optional.of(home().toString()), 64 * 1024);
            this.roads = new Roads(self, byArtery::add, road, encrypted, new BufferPool(1 << 20), FRAME, this);
            ends.add(this);
        }

        @Override
        public boolean serves() {
            return serves;
        }

        @Override
        public void arrived(LinkMessage message) {
            arrived.add(message);
        }

        @Override
        public void execute(Runnable task) {
            endpoint.execute(task);
        }

        void send(LinkMessage message) {
            endpoint.execute(() -> roads.send(message));
        }

        /** Gives what comes next by Artery to another node. */
        <T extends LinkMessage.OfRoads> T pass(Class<T> expected, End to) throws InterruptedException {
            T message = expected.cast(next(byArtery));
            to.endpoint.execute(() -> to.roads.negotiate(message));
            return message;
        }
    }

    private Path home() {
        return directory.resolve("ipc");
    }

    private End worker(RoadKind kind, boolean encrypted) {
        return new End(Samples.A, false, kind, encrypted);
    }

    private End server(RoadKind kind, boolean encrypted) {
        return new End(Samples.B, true, kind, encrypted);
    }

    @AfterEach
    void close() throws Exception {
        for (End end : ends) {
            end.roads.close().toCompletableFuture().get(30, TimeUnit.SECONDS);
            end.endpoint.shutdown();
        }
    }

    private static Frame frame(long number) {
        DenseTensor slice = DenseTensor.zeros(DType.FLOAT32, Shape.of(2000));
        return new Frame(Samples.A, Samples.B, number, List.of(Samples.push("w", number, slice)));
    }

    private static void awaitMemory(End from, End to) {
        Ipc.await("a road through memory", () -> from.roads.throughMemory().contains(to.self));
    }

    private static void join(End worker, End server) throws InterruptedException {
        worker.send(frame(0));
        assertThat(next(worker.byArtery)).isEqualTo(frame(0));
        worker.pass(RoadWanted.class, server);
        server.pass(RoadOffered.class, worker);
        awaitMemory(worker, server);
        awaitMemory(server, worker);
    }

    @Test
    void framesGoThroughMemoryOnceBothHaveShownTheToken() throws Exception {
        End worker = worker(RoadKind.AUTO, false);
        End server = server(RoadKind.AUTO, false);
        join(worker, server);
        for (int i = 1; i < 100; i++) {
            worker.send(frame(i));
            assertThat(next(server.arrived)).isEqualTo(frame(i));
        }
        server.send(new Ping(Samples.B, Samples.A, 1));
        assertThat(next(worker.arrived)).isEqualTo(new Ping(Samples.B, Samples.A, 1));
        assertThat(worker.byArtery).isEmpty();
        assertThat(server.byArtery).isEmpty();
    }

    @Test
    void onlyFramesMakeAWorkerAskForIt() throws Exception {
        End worker = worker(RoadKind.AUTO, false);
        worker.send(new Ping(Samples.A, Samples.B, 1));
        worker.send(frame(1));
        worker.send(frame(2));
        assertThat(next(worker.byArtery)).isInstanceOf(Ping.class);
        assertThat(next(worker.byArtery)).isEqualTo(frame(1));
        assertThat(next(worker.byArtery)).isEqualTo(new RoadWanted(Samples.A, Samples.B, HERE));
        assertThat(next(worker.byArtery)).isEqualTo(frame(2));
    }

    @Test
    void serverAsksNobody() throws Exception {
        End server = new End(Samples.A, true, RoadKind.AUTO, false);
        server.send(frame(1));
        server.send(new Ping(Samples.A, Samples.B, 1));
        assertThat(next(server.byArtery)).isEqualTo(frame(1));
        assertThat(next(server.byArtery)).isInstanceOf(Ping.class);
    }

    @ParameterizedTest
    @CsvSource({"AUTO, true", "ARTERY, false", "ARTERY, true"})
    void whatIsEncryptedStaysSoUnlessSaidOtherwise(RoadKind kind, boolean encrypted) throws Exception {
        End worker = worker(kind, encrypted);
        worker.send(frame(1));
        worker.send(new Ping(Samples.A, Samples.B, 1));
        assertThat(next(worker.byArtery)).isEqualTo(frame(1));
        assertThat(next(worker.byArtery)).as("it does not ask").isInstanceOf(Ping.class);

        End server = server(kind, encrypted);
        server.roads.negotiate(new RoadWanted(Samples.A, Samples.B, HERE));
        assertThat(next(server.byArtery))
                .isEqualTo(new RoadRefused(Samples.B, Samples.A, "its settings do not allow it"));
        assertThat(home()).doesNotExist();
    }

    @Test
    void encryptedNodesGoThroughMemoryIfToldSo() throws Exception {
        join(worker(RoadKind.AERON_IPC, true), server(RoadKind.AERON_IPC, true));
    }

    @ParameterizedTest
    @CsvSource({"another", "''"})
    void workerOfAnotherMachineIsRefused(String machine) throws Exception {
        End server = server(RoadKind.AUTO, false);
        server.roads.negotiate(new RoadWanted(Samples.A, Samples.B, machine));
        assertThat(next(server.byArtery))
                .isEqualTo(new RoadRefused(Samples.B, Samples.A, "it runs on another machine"));
    }

    @Test
    void workerThatIsNoServersPeerIsRefused() throws Exception {
        End worker = worker(RoadKind.AUTO, false);
        worker.roads.negotiate(new RoadWanted(Samples.B, Samples.A, HERE));
        assertThat(next(worker.byArtery)).isInstanceOf(RoadRefused.class);
    }

    @Test
    void wrongTokenIsRefused() throws Exception {
        End worker = worker(RoadKind.AUTO, false);
        End server = server(RoadKind.AUTO, false);
        worker.send(frame(0));
        next(worker.byArtery);
        worker.pass(RoadWanted.class, server);
        RoadOffered offer = (RoadOffered) next(server.byArtery);
        Token other = new Token(offer.token().high(), offer.token().low() ^ 1);
        RoadOffered forged = new RoadOffered(offer.from(), offer.to(), offer.directory(), offer.stream(), other);
        worker.execute(() -> worker.roads.negotiate(forged));

        Ipc.await("an end of the stream", () -> server.roads.lanes() == 0);
        worker.send(frame(1));
        assertThat(next(worker.byArtery)).isEqualTo(frame(1));
        assertThat(server.roads.throughMemory()).isEmpty();
        assertThat(server.arrived).isEmpty();
    }

    @Test
    void offerThatNobodyAskedForIsNotTaken() throws Exception {
        End worker = worker(RoadKind.AUTO, false);
        worker.roads.negotiate(new RoadOffered(Samples.B, Samples.A, home().toString(), 2, new Token(1, 2)));
        assertThat(worker.roads.lanes()).isZero();
    }

    @Test
    void offerOfADirectoryThatIsNotThereLeavesTheWorkerOnArtery() throws Exception {
        End worker = worker(RoadKind.AUTO, false);
        worker.send(frame(0));
        next(worker.byArtery);
        next(worker.byArtery);
        worker.execute(() -> worker.roads.negotiate(
                new RoadOffered(Samples.B, Samples.A, directory.resolve("none").toString(), 2, new Token(1, 2))));
        for (int i = 1; i < 10; i++) {
            worker.send(frame(i));
            assertThat(next(worker.byArtery)).isEqualTo(frame(i));
        }
    }

    @Test
    void whatWasNotSentWhenAServerEndsGoesByArteryAndNothingIsLeftOfIt() throws Exception {
        End worker = worker(RoadKind.AUTO, false);
        End server = server(RoadKind.AUTO, false);
        join(worker, server);
        server.roads.close().toCompletableFuture().get(30, TimeUnit.SECONDS);
        assertThat(home()).isEmptyDirectory();
        Ipc.await("Artery's road", () -> worker.roads.throughMemory().isEmpty());
        worker.send(frame(7));
        assertThat(next(worker.byArtery)).isEqualTo(frame(7));
        server.send(new Ping(Samples.B, Samples.A, 1));
        assertThat(next(server.byArtery)).isInstanceOf(Ping.class);
    }

    @Test
    void afterAPeerWasForgottenTheRoadToItIsMadeAnew() throws Exception {
        End worker = worker(RoadKind.AUTO, false);
        End server = server(RoadKind.AUTO, false);
        join(worker, server);
        worker.roads.forget(Samples.B); // as if the peer were dead, which it is not
        Ipc.await("Artery's road back", () -> server.roads.throughMemory().isEmpty());
        worker.send(frame(1));
        assertThat(next(worker.byArtery)).isEqualTo(frame(1));
        worker.pass(RoadWanted.class, server);
        server.pass(RoadOffered.class, worker);
        awaitMemory(worker, server);
        worker.send(frame(2));
        assertThat(next(server.arrived)).isEqualTo(frame(2));
    }

    @Test
    void directoryThatOthersCanReadIsNotUsed() throws Exception {
        Files.createDirectory(
                home(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        End server = server(RoadKind.AUTO, false);
        server.roads.negotiate(new RoadWanted(Samples.A, Samples.B, HERE));
        RoadRefused refused = (RoadRefused) next(server.byArtery);
        assertThat(refused.why()).contains(home().toString(), "this user alone", "kvstore.link.ipc.directory");
        assertThat(home()).isEmptyDirectory();
    }

    @Test
    void whatKilledServersLeftIsRemovedAndWhatLivesIsNot() throws IOException {
        Files.createDirectory(
                home(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path dead = Files.createDirectory(home().resolve(Long.MAX_VALUE + "-1f"));
        Files.writeString(dead.resolve("cnc.dat"), "what is left");
        Path living =
                Files.createDirectory(home().resolve(ProcessHandle.current().pid() + "-2f"));
        Path others = Files.createDirectory(home().resolve("notes-of-mine"));

        Path own = IpcDirectory.create(home(), Samples.B);

        assertThat(home()).isDirectoryContaining(own::equals);
        assertThat(own).isEmptyDirectory();
        assertThat(dead).doesNotExist();
        assertThat(living).exists();
        assertThat(others).exists();
    }

    /** Each server that starts would wait for it, and meanwhile have no road through memory. */
    @ParameterizedTest
    @ValueSource(ints = {0, 2, 4096})
    void whatAServerLeftThatWasKilledWhileItsDriverBeganIsRemovedOnceItIsOld(int bytes) throws IOException {
        Files.createDirectory(
                home(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path old = begun(Long.MAX_VALUE + "-1f", bytes, Instant.now().minusSeconds(60));
        Path begins = begun(Long.MAX_VALUE + "-2f", bytes, Instant.now());

        assertTimeout(Duration.ofSeconds(5), () -> IpcDirectory.create(home(), Samples.B));

        assertThat(old).doesNotExist();
        assertThat(begins).exists();
    }

    private Path begun(String name, int bytes, Instant when) throws IOException {
        Path driver = Files.createDirectory(home().resolve(name));
        Path first = Files.write(driver.resolve("cnc.dat"), new byte[bytes]);
        Files.setLastModifiedTime(first, FileTime.from(when));
        return driver;
    }

    @Test
    void aDirectoryThatCannotBeLookedAtKeepsNoServerFromStarting() throws IOException {
        Files.createDirectory(
                home(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path strange = Files.createDirectory(home().resolve(Long.MAX_VALUE + "-1f"));
        Files.createDirectories(strange.resolve("cnc.dat").resolve("no file"));

        Path own = IpcDirectory.create(home(), Samples.B);

        assertThat(own).isEmptyDirectory();
        assertThat(strange).exists();
    }
}
