package io.kvstore.cluster.link;

import static io.kvstore.cluster.link.Peers.Noting.next;
import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.ExtendedActorSystem;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.ActorSystem;
import akka.serialization.SerializerWithStringManifest;
import io.kvstore.actor.KeyReply;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A node that may connect but sends what it likes: no message of ours at all. */
@Timeout(120)
class HostilePeerTest {

    /** Bytes that pretend to be a {@link LinkMessage}. */
    record Pretended(byte[] bytes) {}

    /** Takes {@link LinkSerializer}'s place at the hostile node. */
    public static final class PretendingSerializer extends SerializerWithStringManifest {
        public PretendingSerializer(ExtendedActorSystem system) {}

        @Override
        public int identifier() {
            return LinkSerializer.ID;
        }

        @Override
        public String manifest(Object message) {
            return "L";
        }

        @Override
        public byte[] toBinary(Object message) {
            return ((Pretended) message).bytes;
        }

        @Override
        public Object fromBinary(byte[] bytes, String manifest) {
            return new Pretended(bytes);
        }
    }

    @Test
    void framesOfNonsenseHarmNobody() throws Exception {
        try (Nodes nodes = new Nodes()) {
            Endpoints server = Endpoints.get(nodes.start("kvstore.server.embedded.akka.loglevel = OFF"));
            Endpoints worker = Endpoints.get(nodes.start("kvstore.server.embedded.akka.loglevel = OFF"));
            Peers.Answering.serve(
                    server,
                    () -> new KeyReply.Value(Samples.KEY, 0, 1, server.pool().copyOf(Samples.DENSE)));
            ActorSystem<Void> hostile = nodes.start(
                    "kvstore.server.embedded.akka.loglevel = OFF",
                    "akka.actor.serializers.kvstore-link = \"" + PretendingSerializer.class.getName() + "\"",
                    "akka.actor.serialization-bindings.\"" + Pretended.class.getName() + "\" = kvstore-link");
            ActorRef<Object> target =
                    ActorRefResolver.get(hostile).resolveActorRef(server.self().address() + Endpoints.PATH);
            Peers.Noting noting = new Peers.Noting();
            Channel channel = worker.open(noting);
            Random random = new Random(7);
            for (int i = 0; i < 2000; i++) {
                target.tell(new Pretended(nonsense(random, NodeId.of(hostile), server.self())));
                if (i % 100 == 0) {
                    long call = channel.nextCall();
                    channel.submit(server.self(), Samples.pull("w", 0, call, 0));
                    Item answer = next(noting.items);
                    assertThat(answer.call()).as("seed 7, message %d", i).isEqualTo(call);
                }
            }
            assertThat(noting.lost).isEmpty();
            assertThat(server.pool().liveBytes()).isLessThanOrEqualTo(Samples.DENSE.bytes() * 20);
        }
    }

    private static byte[] nonsense(Random random, NodeId from, NodeId to) {
        byte[] bytes = new byte[random.nextInt(2000)];
        random.nextBytes(bytes);
        if (random.nextInt(3) == 0) {
            return bytes;
        }
        LinkMessage.Frame frame =
                new LinkMessage.Frame(from, to, 1, List.of(Samples.push("w", random.nextLong(), Samples.DENSE)));
        ByteBuffer whole = ByteBuffer.allocate(LinkCodec.size(frame));
        LinkCodec.write(frame, whole);
        if (random.nextBoolean()) {
            return Arrays.copyOf(whole.array(), random.nextInt(whole.capacity()));
        }
        int at = 6 + random.nextInt(whole.capacity() - 6);
        whole.array()[at] ^= (byte) (1 << random.nextInt(8));
        return whole.array();
    }
}
