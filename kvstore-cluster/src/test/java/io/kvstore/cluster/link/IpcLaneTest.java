package io.kvstore.cluster.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.cluster.ClusterSettings.Road;
import io.kvstore.cluster.ClusterSettings.RoadKind;
import io.kvstore.cluster.link.LinkMessage.Frame;
import io.kvstore.cluster.link.LinkMessage.RoadOffered;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Both ends of a lane, worked by this thread, which can leave one of them alone as if its process were stopped. */
@Timeout(60)
class IpcLaneTest {
    private static final int FRAME = 20_000;

    @TempDir
    Path directory;

    private final Road road = new Road(RoadKind.AUTO, Optional.empty(), 64 * 1024);
    private final Noting atServer = new Noting();
    private final Noting atWorker = new Noting();
    private IpcDriver driver;
    private IpcLane server;
    private IpcLane worker;

    private static final class Noting implements IpcLane.Events {
        final List<LinkMessage> arrived = new ArrayList<>();
        List<LinkMessage> left; // null: not ended
        boolean up;

        @Override
        public void arrived(LinkMessage message) {
            arrived.add(message);
        }

        @Override
        public void up(IpcLane lane) {
            up = true;
        }

        @Override
        public void down(IpcLane lane, List<LinkMessage> unsent) {
            left = unsent;
        }
    }

    private IpcLane.Site site(Noting noting) {
        return new IpcLane.Site(
                new BufferPool(1 << 20), FRAME, IpcDriver.termBytes(road, FRAME), noting, Thread::onSpinWait);
    }

    @BeforeEach
    void open() throws IOException {
        Road here = new Road(road.kind(), Optional.of(directory.resolve("ipc").toString()), road.termBytes());
        driver = IpcDriver.launch(Samples.B, here, IpcDriver.termBytes(road, FRAME));
        RoadOffered offer = new RoadOffered(
                Samples.B, Samples.A, driver.directory().toString(), driver.nextStreams(), new Token(1, 2));
        server = IpcLane.offered(offer, driver, site(atServer));
        CompletableFuture<IpcLane> taking = CompletableFuture.supplyAsync(() -> {
            try {
                return IpcLane.taken(offer, site(atWorker));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        while (!taking.isDone()) {
            driver.work();
        }
        worker = taking.join();
        while (!atWorker.up || !atServer.up) {
            stepBoth();
        }
    }

    @AfterEach
    void close() {
        worker.close();
        server.close();
        driver.close();
    }

    private Work step(IpcLane lane) {
        driver.work();
        return lane.work();
    }

    private void stepBoth() {
        assertThat(step(worker)).isNotEqualTo(Work.ENDED);
        assertThat(step(server)).isNotEqualTo(Work.ENDED);
    }

    private static List<LinkMessage> frames(int count) {
        DenseTensor slice = DenseTensor.zeros(DType.FLOAT32, Shape.of(4000));
        return LongStream.range(0, count)
                .<LinkMessage>mapToObj(i -> new Frame(Samples.A, Samples.B, i, List.of(Samples.push("w", i, slice))))
                .toList();
    }

    /** Sends until nothing more has room. */
    private void fill(List<LinkMessage> frames) {
        frames.forEach(frame -> assertThat(worker.send(frame)).isTrue());
        while (step(worker) != Work.NOTHING) {
            assertThat(atServer.arrived).isEmpty();
        }
    }

    @Test
    void whatFindsNoRoomWaitsForAPeerThatIsStoppedAndThenArrivesInOrder() {
        List<LinkMessage> frames = frames(200);
        fill(frames);
        while (atServer.arrived.size() < frames.size()) {
            stepBoth();
        }
        assertThat(atServer.arrived).isEqualTo(frames);
    }

    @Test
    void whatFoundNoRoomIsGivenBackInOrderWhenThePeerIsGone() {
        List<LinkMessage> frames = frames(200);
        fill(frames);
        server.close();
        while (step(worker) != Work.ENDED) {
            assertThat(worker.send(frames.get(0))).as("taken, to be given back").isTrue();
        }
        worker.close();

        List<LinkMessage> left = atWorker.left;
        List<LinkMessage> unwritten = left.subList(0, left.lastIndexOf(frames.get(199)) + 1);
        assertThat(unwritten.size()).isBetween(1, 199);
        assertThat(unwritten).isEqualTo(frames.subList(200 - unwritten.size(), 200));
        assertThat(worker.send(frames.get(0))).as("after the end").isFalse();
    }

    @Test
    void saysWhetherItWroteOrGaveAwayOrCopiedLargeTensors() {
        assertThat(step(worker)).isEqualTo(Work.NOTHING);
        worker.send(new Frame(Samples.A, Samples.B, 0, List.of()));
        assertThat(step(worker)).isEqualTo(Work.WROTE);
        assertThat(step(server)).isEqualTo(Work.ARRIVED);

        worker.send(frames(1).get(0));
        assertThat(step(worker)).isEqualTo(Work.COPIED);
        assertThat(step(server)).isEqualTo(Work.COPIED);
        assertThat(step(server)).isEqualTo(Work.NOTHING);
    }

    @Test
    void whatWasWrittenBeforeThePeerEndedIsRead() {
        List<LinkMessage> frames = frames(3);
        fill(frames);
        worker.close();
        while (step(server) != Work.ENDED) {
            Thread.onSpinWait();
        }
        assertThat(atServer.arrived).isEqualTo(frames);
        assertThat(atWorker.left).isEmpty();
    }

    @Test
    void frameThatItsSenderGaveUpIsNotWritten() {
        Lease ended = new Lease(() -> {});
        ended.leave();
        List<Item> items = ((Frame) frames(1).get(0)).items();
        worker.send(new Frame(Samples.A, Samples.B, 7, items, ended));
        List<LinkMessage> frames = frames(1);
        worker.send(frames.get(0));
        while (atServer.arrived.isEmpty()) {
            stepBoth();
        }
        assertThat(atServer.arrived).isEqualTo(frames);
    }

    /** As when a process was stopped, or its garbage collected for very long: its clients give up, for the driver has them. */
    @Test
    void whoWasAwayForTooLongIsAtItsEndAndSaysSo() throws InterruptedException {
        Thread.sleep(IpcDriver.ALIVE_MILLIS + 500); // the pause is what is tested
        for (int i = 0; i < 10; i++) {
            driver.work();
        }
        assertThat(driver.isClosed()).isTrue();
        assertThat(server.work()).isEqualTo(Work.ENDED);
        assertThat(worker.work()).isEqualTo(Work.ENDED);
    }
}
