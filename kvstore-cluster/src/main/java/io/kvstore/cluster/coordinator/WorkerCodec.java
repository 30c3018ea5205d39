package io.kvstore.cluster.coordinator;

import io.kvstore.Reason;
import io.kvstore.cluster.coordinator.WorkerReply.Alive;
import io.kvstore.cluster.coordinator.WorkerReply.Answer;
import io.kvstore.cluster.coordinator.WorkerReply.CommandRan;
import io.kvstore.cluster.coordinator.WorkerReply.Configured;
import io.kvstore.cluster.coordinator.WorkerReply.DeadNodes;
import io.kvstore.cluster.coordinator.WorkerReply.News;
import io.kvstore.cluster.coordinator.WorkerReply.Refused;
import io.kvstore.cluster.coordinator.WorkerReply.Registered;
import io.kvstore.cluster.coordinator.WorkerReply.SessionClosed;
import io.kvstore.cluster.coordinator.WorkerReply.Ticket;
import io.kvstore.cluster.coordinator.WorkerReply.Waiting;
import io.kvstore.cluster.coordinator.WorkerRequest.Ask;
import io.kvstore.cluster.coordinator.WorkerRequest.Command;
import io.kvstore.cluster.coordinator.WorkerRequest.Configure;
import io.kvstore.cluster.coordinator.WorkerRequest.CountDead;
import io.kvstore.cluster.coordinator.WorkerRequest.Enter;
import io.kvstore.cluster.coordinator.WorkerRequest.Heartbeat;
import io.kvstore.cluster.coordinator.WorkerRequest.Leave;
import io.kvstore.cluster.coordinator.WorkerRequest.Register;
import io.kvstore.cluster.link.WireException;
import io.kvstore.cluster.link.WireIn;
import io.kvstore.cluster.link.WireOut;
import java.util.List;

/** The bytes between workers and coordinator: a header, one byte for the kind, and the kind's fields in their order. */
final class WorkerCodec {
    private static final CommandKind[] KINDS = CommandKind.values();
    private static final Closed[] CLOSED = Closed.values();

    private WorkerCodec() {}

    static void write(WireOut to, WorkerRequest request) {
        to.text(request.store());
        to.text(request.worker());
        to.i64(request.incarnation());
        to.i64(request.client());
        to.i64(request.call());
        to.i64(request.term());
        write(to, request.ask());
    }

    static WorkerRequest readRequest(WireIn from) {
        String store = RecordCodec.name(from);
        if (store.isEmpty()) {
            throw new WireException("a store has a name");
        }
        return new WorkerRequest(
                store,
                RecordCodec.name(from),
                RecordCodec.count(from),
                from.i64(),
                RecordCodec.count(from),
                term(RecordCodec.count(from)),
                readAsk(from));
    }

    private static void write(WireOut to, Ask ask) {
        if (ask instanceof Register register) {
            to.u8(1);
            to.i64(register.ticket());
            to.i32(register.workers());
            write(to, register.memory());
        } else if (ask instanceof Heartbeat heartbeat) {
            to.u8(2);
            to.i64(heartbeat.news());
        } else if (ask instanceof Leave) {
            to.u8(3);
        } else if (ask instanceof Enter enter) {
            to.u8(4);
            to.i64(enter.barrier());
        } else if (ask instanceof Configure configure) {
            to.u8(5);
            to.i64(configure.expected());
            to.text(configure.content());
        } else if (ask instanceof Command command) {
            to.u8(6);
            to.u8(command.kind().ordinal());
            to.i32(command.head());
            to.text(command.body());
        } else {
            to.u8(7);
            to.u8(((CountDead) ask).group());
        }
    }

    private static Ask readAsk(WireIn from) {
        int kind = from.u8();
        return switch (kind) {
            case 1 -> new Register(from.i64(), opened(from.i32()), readMemory(from));
            case 2 -> new Heartbeat(RecordCodec.count(from));
            case 3 -> new Leave();
            case 4 -> new Enter(RecordCodec.count(from));
            case 5 -> new Configure(from.i64(), RecordCodec.text(from, Limits.TEXT_BYTES));
            case 6 ->
                new Command(RecordCodec.constant(from, KINDS), from.i32(), RecordCodec.text(from, Limits.TEXT_BYTES));
            case 7 -> new CountDead(from.u8());
            default -> throw new WireException("no request of kind " + kind);
        };
    }

    private static void write(WireOut to, Memory memory) {
        to.i32(memory.rank());
        to.i64(memory.incarnation());
        to.i64(memory.released());
        RecordCodec.write(to, memory.configuration());
    }

    private static Memory readMemory(WireIn from) {
        return new Memory(
                from.i32(),
                incarnation(RecordCodec.count(from)),
                RecordCodec.count(from),
                RecordCodec.readConfiguration(from));
    }

    static void write(WireOut to, WorkerReply reply) {
        to.i64(reply.term());
        to.text(reply.store());
        write(to, reply.answer());
    }

    static WorkerReply readReply(WireIn from) {
        return new WorkerReply(RecordCodec.count(from), RecordCodec.name(from), readAnswer(from));
    }

    private static void write(WireOut to, Answer answer) {
        if (answer instanceof Ticket ticket) {
            to.u8(1);
            to.i64(ticket.call());
            to.i64(ticket.ticket());
            to.list(ticket.servers(), WireOut::text);
        } else if (answer instanceof Registered registered) {
            to.u8(2);
            to.i64(registered.call());
            to.text(registered.name());
            to.i32(registered.rank());
            to.i64(registered.incarnation());
            write(to, registered.news());
        } else if (answer instanceof Refused refused) {
            to.u8(3);
            to.i64(refused.call());
            to.text(refused.reason().name());
            to.text(refused.message());
        } else if (answer instanceof Waiting waiting) {
            to.u8(4);
            to.i64(waiting.call());
            to.text(waiting.text());
        } else if (answer instanceof News news) {
            to.u8(5);
            write(to, news);
        } else if (answer instanceof Alive) {
            to.u8(6);
        } else if (answer instanceof SessionClosed closed) {
            to.u8(7);
            to.text(closed.worker());
            to.i64(closed.incarnation());
            to.u8(closed.why().ordinal());
        } else if (answer instanceof Configured configured) {
            to.u8(8);
            to.i64(configured.call());
            to.i64(configured.version());
        } else if (answer instanceof CommandRan ran) {
            to.u8(9);
            to.i64(ran.call());
            to.i32(ran.servers());
            RecordCodec.write(to, ran.outcome());
        } else {
            DeadNodes dead = (DeadNodes) answer;
            to.u8(10);
            to.i64(dead.call());
            to.i32(dead.count());
        }
    }

    private static Answer readAnswer(WireIn from) {
        int kind = from.u8();
        return switch (kind) {
            case 1 -> new Ticket(RecordCodec.count(from), RecordCodec.count(from), readServers(from));
            case 2 ->
                new Registered(
                        RecordCodec.count(from),
                        RecordCodec.name(from),
                        from.i32(),
                        RecordCodec.count(from),
                        readNews(from));
            case 3 ->
                new Refused(
                        RecordCodec.count(from),
                        Reason.valueOf(RecordCodec.name(from)),
                        RecordCodec.text(from, Limits.LINE_BYTES));
            case 4 -> new Waiting(RecordCodec.count(from), RecordCodec.text(from, Limits.LINE_BYTES));
            case 5 -> readNews(from);
            case 6 -> new Alive();
            case 7 ->
                new SessionClosed(RecordCodec.name(from), RecordCodec.count(from), RecordCodec.constant(from, CLOSED));
            case 8 -> new Configured(RecordCodec.count(from), RecordCodec.count(from));
            case 9 -> new CommandRan(RecordCodec.count(from), from.i32(), RecordCodec.readOutcome(from));
            case 10 -> new DeadNodes(RecordCodec.count(from), from.i32());
            default -> throw new WireException("no answer of kind " + kind);
        };
    }

    private static void write(WireOut to, News news) {
        to.i64(news.number());
        to.i64(news.released());
        RecordCodec.write(to, news.membership());
        RecordCodec.write(to, news.configuration());
        to.list(news.servers(), WireOut::text);
    }

    private static News readNews(WireIn from) {
        return new News(
                RecordCodec.count(from),
                RecordCodec.count(from),
                RecordCodec.readMembership(from),
                RecordCodec.readConfiguration(from),
                readServers(from));
    }

    private static List<String> readServers(WireIn from) {
        return RecordCodec.list(from, Limits.SERVERS, RecordCodec::address);
    }

    /** A counter at its end would stop the coordinator for good. */
    private static long term(long term) {
        return below(1L << 62, "term", term);
    }

    private static long incarnation(long incarnation) {
        return below(1L << 62, "incarnation", incarnation);
    }

    private static long below(long limit, String what, long value) {
        if (value >= limit) {
            throw new WireException("the " + what + " is below " + limit + ", given " + value);
        }
        return value;
    }

    private static int opened(int workers) {
        if (workers < 1) {
            throw new WireException("a store is opened for 1 worker at least, given " + workers);
        }
        return RecordCodec.workers(workers);
    }
}
