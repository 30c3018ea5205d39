package io.kvstore.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.kvstore.KVStore;
import io.kvstore.KVStoreException;
import io.kvstore.KVStoreSettings;
import io.kvstore.Key;
import io.kvstore.Stats;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.StoreActor;
import io.kvstore.cuda.sim.SimulatedDriver;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.tensor.DenseTensor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.LoggerFactory;

/** What a store on (simulated) GPUs makes of its settings, and of their memory. */
class GpuStoreTest {
    private static final long SEED = 3;

    @Test
    void keysAreSpreadBySizeAndTheDevicesOfAGpuAreListedWithItsMemory() {
        SimulatedDriver driver = SimulatedDriver.of(2, SEED);
        try (KVStore kv =
                SimulatedStores.open(driver, KVStore.builder(), List.of("gpu(0)", "gpu(0)", "gpu(1)", "cpu(0)"))) {
            for (int key = 0; key < 4; key++) {
                kv.init(key, Nd4j.zeros(1000));
                kv.push(key, Nd4j.ones(1000));
            }
            kv.flush();
            List<Stats.DeviceStats> devices = kv.stats().devices();
            assertThat(devices.stream().map(Stats.DeviceStats::name))
                    .containsExactly("gpu(0)", "gpu(0)/1", "gpu(1)", "cpu(0)");
            assertThat(devices).allMatch(device -> device.keys() == 1 && device.assignedBytes() == 4000);
            assertThat(devices.stream().map(Stats.DeviceStats::model))
                    .containsExactly("Simulated GPU", "Simulated GPU", "Simulated GPU", "host");
            assertThat(devices.subList(0, 3))
                    .allMatch(device -> device.liveBytes() == 4000 && device.totalBytes() == 256 << 20);
            assertThat(kv.info(Key.of(1)).orElseThrow().device()).isEqualTo("gpu(0)/1");
        }
    }

    @Test
    void oneLineSaysThatAStoreWithoutDevicesUsesNoGpu() {
        Logger logger = (Logger) LoggerFactory.getLogger("io.kvstore.actor.NamedGpus");
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        logger.addAppender(log);
        try (KVStore named = KVStore.builder()
                        .type("local")
                        .devices("gpu(0)", "cpu(0)")
                        .build();
                KVStore unnamed = KVStore.create("local")) {
            assertThat(named.stats().devices()).isEmpty();
            assertThat(unnamed.stats().devices()).isEmpty();
        } finally {
            logger.detachAppender(log);
        }
        assertThat(log.list)
                .singleElement()
                .satisfies(event ->
                        assertThat(event.getFormattedMessage()).contains("[gpu(0)]", "type 'local'", "does not use"));
    }

    @Test
    void hostDevicesTakeThePlaceOfGpusThatAreNotThereAndOneLineSaysSo() {
        Logger logger = (Logger) LoggerFactory.getLogger("io.kvstore.actor.NamedGpus");
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        logger.addAppender(log);
        SimulatedDriver driver = SimulatedDriver.of(1, SEED);
        try (KVStore kv = SimulatedStores.open(driver, KVStore.builder(), List.of("gpu(0)", "gpu(3)", "gpu(5)"))) {
            assertThat(kv.stats().devices().stream().map(Stats.DeviceStats::name))
                    .containsExactly("gpu(0)", "cpu(1)", "cpu(2)");
        } finally {
            logger.detachAppender(log);
        }
        assertThat(log.list)
                .singleElement()
                .satisfies(event -> assertThat(event.getFormattedMessage())
                        .contains(
                                "[gpu(3), gpu(5)]",
                                "host devices take the place",
                                "this machine has [gpu(0) Simulated GPU"));
    }

    @Test
    void aGpuThatCannotBeUsedIsReplacedAndGivenBack() {
        SimulatedDriver driver = SimulatedDriver.of(2, SEED);
        driver.gpu(1).lose();
        try (KVStore kv = SimulatedStores.open(driver, KVStore.builder(), List.of("gpu(0)", "gpu(1)"))) {
            assertThat(kv.stats().devices().stream().map(Stats.DeviceStats::name))
                    .containsExactly("gpu(0)", "cpu(1)");
            kv.init(0, Nd4j.zeros(3));
            kv.push(0, Nd4j.ones(3));
            assertThat(kv.pull(0).toFloatVector()).containsOnly(1);
        }
    }

    @Test
    void aDeviceThatIsNoDevicesNameIsRefused() {
        for (String name : List.of("gpu", "gpu(-1)", "tpu(0)", "gpu(0", "")) {
            Assertions.assertThatThrownBy(() -> KVStore.builder()
                            .type("device")
                            .devices("cpu(0)", name)
                            .build())
                    .isInstanceOf(KVStoreException.class)
                    .hasMessageContaining("kvstore.devices must be auto, a number, or a list of names")
                    .hasMessageContaining("given " + name);
        }
    }

    @Test
    void oneCopyOfAVersionServesAllItsReaders() {
        SimulatedDriver driver = SimulatedDriver.of(1, SEED);
        try (KVStore kv = SimulatedStores.open(driver, KVStore.builder(), List.of("gpu(0)"))) {
            kv.init("w", Nd4j.zeros(1000));
            kv.push("w", Nd4j.ones(1000));
            kv.flush();
            long before = kv.stats().liveBytes();
            for (int i = 0; i < 10; i++) {
                assertThat(kv.pull("w").toFloatVector()).containsOnly(1);
            }
            assertThat(kv.stats().liveBytes() - before).as("bytes for one copy").isEqualTo(4000);
        }
    }

    @Test
    void aStoreThatIsStoppedInMidWorkGivesAllBack() {
        SimulatedDriver driver = SimulatedDriver.builder()
                .gpus(2)
                .seed(SEED)
                .slow(Duration.ofMillis(5))
                .start();
        ActorTestKit testKit = ActorTestKit.create();
        try {
            KVStoreSettings settings = KVStore.builder()
                    .devices("gpu(0)", "gpu(1)")
                    .set("gpu.staging-bytes", "64 KiB")
                    .settings();
            ActorRef<StoreActor.Command> store = testKit.spawn(StoreActor.create("device", settings, driver));
            TestProbe<StoreActor.Found> found = testKit.createTestProbe();
            TestProbe<KeyReply> replies = testKit.createTestProbe();
            for (int i = 0; i < 4; i++) {
                store.tell(new StoreActor.Find(Key.of(i), found.ref()));
                ActorRef<KeyCommand> key = found.receiveMessage().ref();
                key.tell(new KeyCommand.Init(DenseTensor.of(new float[20_000]), replies.ref()));
                replies.expectMessageClass(KeyReply.Done.class);
                key.tell(new KeyCommand.PushPull(DenseTensor.of(new float[20_000]), replies.ref()));
                key.tell(new KeyCommand.Pull(replies.ref()));
            }
            testKit.stop(store, Duration.ofSeconds(20));
            driver.close();
            assertThat(driver.faults()).isEmpty();
            assertThat(driver.leaks()).isEmpty();
        } finally {
            testKit.shutdownTestKit();
        }
    }

    @Test
    void memoryStaysFlatAndGoesBackInTheEnd(@TempDir Path folder) {
        liveAndDie(100, folder);
    }

    @Tag("thorough")
    @Test
    void memoryStaysFlatOverThousandsOfRounds(@TempDir Path folder) {
        liveAndDie(1500, folder);
    }

    private static void liveAndDie(int rounds, Path folder) {
        SimulatedDriver driver = SimulatedDriver.of(2, SEED);
        try (KVStore kv = SimulatedStores.open(driver, KVStore.builder(), List.of("gpu(0)", "gpu(0)", "gpu(1)"))) {
            kv.setOptimizer(Optimizer.adam().build());
            List<Long> most = new ArrayList<>();
            for (int life = 0; life < 4; life++) {
                List<Key> keys = List.of(Key.of("a"), Key.of("b"), Key.of("c"));
                for (Key key : keys) {
                    kv.init(List.of(key), List.of(Nd4j.zeros(300)));
                }
                INDArray gradient = Nd4j.ones(300);
                for (int round = 0; round < rounds; round++) {
                    for (Key key : keys) {
                        kv.push(key, List.of(gradient, gradient, gradient));
                    }
                    if (round % 10 == 0) {
                        keys.forEach(kv::pull);
                    }
                }
                kv.saveOptimizerStates(folder.resolve("states"), true);
                kv.loadOptimizerStates(folder.resolve("states"));
                keys.forEach(kv::delete);
                assertThat(kv.stats().liveBytes()).as("live bytes without keys").isZero();
                most.add(driver.gpu(0).mostUsedBytes() + driver.gpu(1).mostUsedBytes());
            }
            assertThat(most.get(3))
                    .as("the most bytes in use, per life %s", most)
                    .isLessThanOrEqualTo(most.get(1));
        }
    }
}
