package io.kvstore.cluster.coordinator;

import io.kvstore.cluster.coordinator.ViewReply.Outbid;
import io.kvstore.cluster.coordinator.ViewReply.Promised;
import io.kvstore.cluster.coordinator.ViewReply.Ran;
import io.kvstore.cluster.coordinator.ViewReply.Report;
import io.kvstore.cluster.coordinator.ViewReply.Wrote;
import io.kvstore.cluster.coordinator.ViewRequest.Order;
import io.kvstore.cluster.coordinator.ViewRequest.Prepare;
import io.kvstore.cluster.coordinator.ViewRequest.Run;
import io.kvstore.cluster.coordinator.ViewRequest.Write;
import io.kvstore.cluster.link.WireException;
import io.kvstore.cluster.link.WireIn;
import io.kvstore.cluster.link.WireOut;

/** The bytes between coordinator and servers: a ballot, one byte for the kind, and the kind's fields in their order. */
final class ViewCodec {
    private static final CommandKind[] KINDS = CommandKind.values();

    private ViewCodec() {}

    /** The bytes of a record in a message. */
    static int sizeOf(StoreRecord record) {
        WireOut counted = WireOut.counting();
        RecordCodec.write(counted, record);
        return Math.toIntExact(counted.bytes());
    }

    static void write(WireOut to, ViewRequest request) {
        RecordCodec.write(to, request.ballot());
        RecordCodec.write(to, request.from());
        write(to, request.order());
    }

    static ViewRequest readRequest(WireIn from) {
        return new ViewRequest(RecordCodec.readBallot(from), RecordCodec.readServer(from), readOrder(from));
    }

    private static void write(WireOut to, Order order) {
        if (order instanceof Prepare) {
            to.u8(1);
        } else if (order instanceof Write write) {
            to.u8(2);
            to.bool(write.effective());
            RecordCodec.write(to, write.record());
        } else {
            Run run = (Run) order;
            to.u8(3);
            to.text(run.store());
            to.text(run.worker());
            to.i64(run.incarnation());
            to.i64(run.client());
            to.i64(run.call());
            to.u8(run.kind().ordinal());
            to.i32(run.head());
            to.text(run.body());
        }
    }

    private static Order readOrder(WireIn from) {
        int kind = from.u8();
        return switch (kind) {
            case 1 -> new Prepare();
            case 2 -> {
                boolean effective = from.bool();
                yield new Write(RecordCodec.readRecord(from), effective);
            }
            case 3 ->
                new Run(
                        RecordCodec.name(from),
                        RecordCodec.name(from),
                        RecordCodec.count(from),
                        from.i64(),
                        RecordCodec.count(from),
                        RecordCodec.constant(from, KINDS),
                        from.i32(),
                        RecordCodec.text(from, Limits.TEXT_BYTES));
            default -> throw new WireException("no order of kind " + kind);
        };
    }

    static void write(WireOut to, ViewReply reply) {
        RecordCodec.write(to, reply.ballot());
        RecordCodec.write(to, reply.server());
        write(to, reply.report());
    }

    static ViewReply readReply(WireIn from) {
        return new ViewReply(RecordCodec.readBallot(from), RecordCodec.readServer(from), readReport(from));
    }

    private static void write(WireOut to, Report report) {
        if (report instanceof Promised promised) {
            to.u8(1);
            to.i32(promised.part());
            to.i32(promised.parts());
            to.list(promised.records(), RecordCodec::write);
            to.list(promised.gone(), WireOut::text);
        } else if (report instanceof Outbid outbid) {
            to.u8(2);
            RecordCodec.write(to, outbid.promised());
        } else if (report instanceof Wrote wrote) {
            to.u8(3);
            to.text(wrote.store());
            to.i64(wrote.revision());
            to.bool(wrote.effective());
        } else {
            Ran ran = (Ran) report;
            to.u8(4);
            to.text(ran.store());
            to.text(ran.worker());
            to.i64(ran.client());
            to.i64(ran.call());
            RecordCodec.write(to, ran.outcome());
        }
    }

    private static Report readReport(WireIn from) {
        int kind = from.u8();
        return switch (kind) {
            case 1 ->
                new Promised(
                        from.i32(),
                        from.i32(),
                        RecordCodec.list(from, Limits.STORES, RecordCodec::readRecord),
                        RecordCodec.list(from, Limits.LOST_SERVERS, RecordCodec::address));
            case 2 -> new Outbid(RecordCodec.readBallot(from));
            case 3 -> new Wrote(RecordCodec.name(from), RecordCodec.count(from), from.bool());
            case 4 ->
                new Ran(
                        RecordCodec.name(from),
                        RecordCodec.name(from),
                        from.i64(),
                        RecordCodec.count(from),
                        RecordCodec.readOutcome(from));
            default -> throw new WireException("no report of kind " + kind);
        };
    }
}
