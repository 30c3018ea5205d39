package io.kvstore.cluster.coordinator;

import akka.actor.ExtendedActorSystem;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.javadsl.Adapter;
import akka.serialization.SerializerWithStringManifest;
import io.kvstore.cluster.link.WireException;
import io.kvstore.cluster.link.WireIn;
import io.kvstore.cluster.link.WireOut;
import java.io.NotSerializableException;
import java.nio.ByteBuffer;

/**
 * The bytes of control messages: the version, 1, and then, little endian, where to answer (if the message names it) and
 * the message. Bytes that are not such a message are refused with a {@link NotSerializableException}.
 */
public final class CoordinatorSerializer extends SerializerWithStringManifest {
    /** Akka's number for this serializer; never changes. */
    public static final int ID = 5730;

    private static final byte VERSION = 1;
    private static final int REF_BYTES = 1024;
    private static final String FROM_WORKER = "W";
    private static final String WORKER_REPLY = "w";
    private static final String FROM_COORDINATOR = "C";
    private static final String VIEW_REPLY = "v";

    private final ActorRefResolver refs;

    public CoordinatorSerializer(ExtendedActorSystem system) {
        refs = ActorRefResolver.get(Adapter.toTyped(system));
    }

    @Override
    public int identifier() {
        return ID;
    }

    @Override
    public String manifest(Object message) {
        if (message instanceof CoordinatorActor.FromWorker) {
            return FROM_WORKER;
        } else if (message instanceof WorkerReply) {
            return WORKER_REPLY;
        } else if (message instanceof MembershipView.FromCoordinator) {
            return FROM_COORDINATOR;
        } else if (message instanceof ViewReply) {
            return VIEW_REPLY;
        }
        throw new IllegalArgumentException("no control message: " + message.getClass());
    }

    @Override
    public byte[] toBinary(Object message) {
        WireOut counted = WireOut.counting();
        write(counted, message);
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(counted.bytes()));
        write(WireOut.into(bytes), message);
        return bytes.array();
    }

    private void write(WireOut to, Object message) {
        to.u8(VERSION);
        if (message instanceof CoordinatorActor.FromWorker worker) {
            to.text(refs.toSerializationFormat(worker.worker()));
            WorkerCodec.write(to, worker.request());
        } else if (message instanceof WorkerReply reply) {
            WorkerCodec.write(to, reply);
        } else if (message instanceof MembershipView.FromCoordinator coordinator) {
            to.text(refs.toSerializationFormat(coordinator.coordinator()));
            ViewCodec.write(to, coordinator.request());
        } else {
            ViewCodec.write(to, (ViewReply) message);
        }
    }

    @Override
    public Object fromBinary(byte[] bytes, String manifest) throws NotSerializableException {
        try {
            WireIn from = WireIn.of(ByteBuffer.wrap(bytes));
            int version = from.u8();
            if (version != VERSION) {
                throw new WireException("version " + VERSION + " is understood, given " + version);
            }
            Object message = read(from, manifest);
            from.end();
            return message;
        } catch (RuntimeException e) { // what the values themselves refuse, too
            NotSerializableException refused = new NotSerializableException(
                    "a control message '" + manifest + "' of " + bytes.length + " bytes is malformed: " + e);
            refused.initCause(e);
            throw refused;
        }
    }

    private Object read(WireIn from, String manifest) {
        return switch (manifest) {
            case FROM_WORKER -> {
                ActorRef<WorkerReply> worker = refs.resolveActorRef(RecordCodec.text(from, REF_BYTES));
                yield new CoordinatorActor.FromWorker(worker, WorkerCodec.readRequest(from));
            }
            case WORKER_REPLY -> WorkerCodec.readReply(from);
            case FROM_COORDINATOR -> {
                ActorRef<CoordinatorActor.Command> coordinator =
                        refs.resolveActorRef(RecordCodec.text(from, REF_BYTES));
                yield new MembershipView.FromCoordinator(coordinator, ViewCodec.readRequest(from));
            }
            case VIEW_REPLY -> ViewCodec.readReply(from);
            default -> throw new WireException("no such manifest");
        };
    }
}
