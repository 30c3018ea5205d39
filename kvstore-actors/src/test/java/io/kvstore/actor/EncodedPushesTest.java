package io.kvstore.actor;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import com.typesafe.config.ConfigFactory;
import io.kvstore.KVStoreSettings;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.compression.GradientCompression;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.EncodedTensor;
import io.kvstore.tensor.Shape;
import io.kvstore.tensor.Tensor;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Packed gradients from those who speak messages. */
class EncodedPushesTest {
    private static final ActorTestKit testKit = TestKits.create();
    private static final Key KEY = Key.of("w");

    private final TestProbe<KeyReply> client = testKit.createTestProbe();

    @AfterAll
    static void stop() {
        testKit.shutdownTestKit();
    }

    /** A key of a store of that type, with a vector of three zeros. */
    private ActorRef<KeyCommand> key(String type) {
        TestProbe<StoreActor.Found> found = testKit.createTestProbe();
        KVStoreSettings settings = KVStoreSettings.of(ConfigFactory.load());
        testKit.spawn(StoreActor.create(type, settings)).tell(new StoreActor.Find(KEY, found.ref()));
        ActorRef<KeyCommand> key = found.receiveMessage().ref();
        key.tell(new KeyCommand.Init(DenseTensor.of(new float[3]), client.ref()));
        client.expectMessageClass(KeyReply.Done.class);
        return key;
    }

    private static EncodedTensor packed(GradientCompression compression, float... values) {
        byte[] payload = compression.codec().encoder(values).encode(0, values.length);
        return new EncodedTensor(compression.toString(), DType.FLOAT32, Shape.of(values.length), payload);
    }

    private void assertValue(ActorRef<KeyCommand> key, long version, float... expected) {
        key.tell(new KeyCommand.Pull(client.ref()));
        KeyReply.Value value = client.expectMessageClass(KeyReply.Value.class);
        assertThat(value.value()).isEqualTo(DenseTensor.of(expected));
        assertThat(value.version()).isEqualTo(version);
        value.value().release();
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void gradientsOfAnyCodecAndDenseOnesAreSummed(String type) {
        ActorRef<KeyCommand> key = key(type);
        List<Tensor> gradients = List.of(
                packed(GradientCompression.twoBit(0.5), 1, -1, 0),
                DenseTensor.of(new float[] {10, 20, 30}),
                packed(GradientCompression.oneBit(0), 1, -1, 1),
                packed(GradientCompression.fp16(), 0.25f, 2, 100),
                packed(GradientCompression.topK(0.5), 3, 1, 1000));
        key.tell(new KeyCommand.Push(gradients, Origin.none(), 0, client.ref()));
        client.expectMessageClass(KeyReply.Done.class);
        assertValue(key, 1, 0.5f + 10 + 1 + 0.25f + 3, -0.5f + 20 - 1 + 2, 30 + 1 + 100 + 1000);
        key.tell(new KeyCommand.PushPull(packed(GradientCompression.twoBit(4), 5, -5, 0), client.ref()));
        assertThat(client.expectMessageClass(KeyReply.Value.class).value())
                .isEqualTo(DenseTensor.of(new float[] {4, -4, 0}));
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void whatDoesNotFitTheKeyOrCannotBeReadIsRefusedAndChangesNothing(String type) {
        ActorRef<KeyCommand> key = key(type);
        key.tell(new KeyCommand.Push(DenseTensor.of(new float[] {1, 2, 3}), client.ref()));
        client.expectMessageClass(KeyReply.Done.class);
        String codec = "2bit(threshold=0.5)";
        Shape three = Shape.of(3);
        refused(key, Reason.SHAPE_MISMATCH, packed(GradientCompression.fp16(), 1, 2));
        refused(key, Reason.DTYPE_MISMATCH, new EncodedTensor(codec, DType.FLOAT64, three, new byte[4]));
        refused(key, Reason.INVALID_ARGUMENT, new EncodedTensor(codec, DType.FLOAT32, three, new byte[5]));
        refused(key, Reason.INVALID_ARGUMENT, new EncodedTensor("gzip", DType.FLOAT32, three, new byte[4]));
        refused(key, Reason.INVALID_ARGUMENT, new EncodedTensor("topk(ratio=1)", DType.FLOAT32, three, new byte[3]));
        assertValue(key, 1, 1, 2, 3);
    }

    private void refused(ActorRef<KeyCommand> key, Reason reason, EncodedTensor gradient) {
        List<Tensor> gradients = List.of(DenseTensor.of(new float[] {7, 7, 7}), gradient);
        key.tell(new KeyCommand.Push(gradients, Origin.none(), 0, client.ref()));
        KeyReply.Refused refusal = client.expectMessageClass(KeyReply.Refused.class);
        assertThat(refusal.reason()).as(refusal.message()).isEqualTo(reason);
        assertThat(refusal.message()).contains("array 1 of 2");
    }

    @Test
    void aKeyGoesOnWhateverBytesItIsSent() {
        ActorRef<KeyCommand> key = key("local");
        long seed = 21;
        Random random = new Random(seed);
        long version = 0;
        String[] codecs = {"1bit(threshold=0)", "2bit(threshold=1)", "fp16", "topk(ratio=0.5)", "none", "?"};
        for (int i = 0; i < 500; i++) {
            byte[] payload = new byte[random.nextInt(4) * 4];
            random.nextBytes(payload);
            String codec = codecs[random.nextInt(codecs.length)];
            key.tell(new KeyCommand.Push(new EncodedTensor(codec, DType.FLOAT32, Shape.of(3), payload), client.ref()));
            KeyReply reply = client.receiveMessage();
            if (reply instanceof KeyReply.Done done) {
                version++;
                assertThat(done.version()).isEqualTo(version);
            } else {
                assertThat(((KeyReply.Refused) reply).reason())
                        .as("%s, seed %s", codec, seed)
                        .isEqualTo(Reason.INVALID_ARGUMENT);
            }
        }
        assertThat(version).isBetween(50L, 450L);
    }

    @Test
    void aFirstValueIsNeverPacked() {
        ActorRef<KeyCommand> key = key("local");
        key.tell(new KeyCommand.Delete(0, client.ref()));
        client.expectMessageClass(KeyReply.Done.class);
        key.tell(new KeyCommand.Init(packed(GradientCompression.fp16(), 1, 2, 3), client.ref()));
        assertThat(client.expectMessageClass(KeyReply.Refused.class).reason()).isEqualTo(Reason.STORAGE_MISMATCH);
    }
}
