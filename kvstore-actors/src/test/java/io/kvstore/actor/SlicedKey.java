package io.kvstore.actor;

import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Kernels;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

/** All parts of one key of a store with rounds, in one thread, for tests. Its workers have the names of their ranks. */
final class SlicedKey {
    private static final int QUEUE = 10;
    private static final int PATIENCE = 3;

    /** One part on a server of its own, without an actor. */
    private final class Slice implements KeyState.Effects<String>, SlicedCommits.Effects {
        private final Part part;
        private final BufferPool pool = new BufferPool(1 << 20);
        private final KeyRecords records = new KeyRecords();
        private final HostCommit host = new HostCommit(pool, Kernels.LOCAL_GROUP);
        private final List<String> replies = new ArrayList<>();
        private KeyState<String> state;
        private PartState<String> ofCluster;
        private SlicedCommits sliced;

        Slice(Part part) {
            this.part = part;
            start();
        }

        private void start() {
            state = new KeyState<>(
                    part,
                    records,
                    pool,
                    config,
                    QUEUE,
                    this,
                    new RoundTerms(true, true, false, 1 << 20),
                    new HeldBytes(1 << 20));
            sliced = new SlicedCommits(part, host, TestKits.unprofiled(), PATIENCE, this);
            ofCluster = new PartState<>(part, state, records, this);
            ofCluster.membership(members);
        }

        /** As a failed actor does. */
        void restart() {
            state.abandon(Reason.BUSY, "starts again");
            ofCluster.abandon(Reason.BUSY, "starts again");
            sliced.abandon();
            start();
        }

        @Override
        public void commit(Commit commit) {
            if (SlicedCommits.takes(commit)) {
                sliced.carryOut(commit);
                return;
            }
            KeyEvent event = CommitRun.run(TestKits.unprofiled(), host::carryOut, commit);
            if (event instanceof KeyEvent.CommitFailed failed) {
                sliced.failedAlone(failed);
            }
            report(event);
        }

        @Override
        public void report(KeyEvent event) {
            if (event instanceof KeyEvent.Committed done) {
                state.committed(done.commit(), done.outcome());
            } else if (event instanceof KeyEvent.CommitFailed failed) {
                state.commitFailed(failed.commit(), failed.reason(), failed.message());
            }
        }

        @Override
        public void tell(Part to, PartMail mail) {
            post.tell(to, mail);
        }

        @Override
        public boolean awaited() {
            return state.awaited();
        }

        @Override
        public void lifeIsOver() {
            sliced.lifeIsOver();
        }

        @Override
        public DenseTensor fold(KeyRecord record, DenseTensor sum, List<Tensor> gradients) {
            return host.fold(sum, gradients);
        }

        @Override
        public KeyConfig config(long version) {
            return config;
        }

        @Override
        public void done(String to, long version) {
            replies.add(to + " done");
        }

        @Override
        public void value(String to, long version, DenseTensor value) {
            replies.add(to + " value");
            value.release();
        }

        @Override
        public void part(String to, PartReply reply) {
            replies.add(to + " " + reply);
        }

        @Override
        public void states(String to, KeyConfig config, OptimizerState state) {
            replies.add(to + " states");
            state.release();
        }

        @Override
        public void rows(String to, long version, RowSparseTensor rows) {
            replies.add(to + " rows");
        }

        @Override
        public void refused(String to, Reason reason, String message) {
            replies.add(to + " " + reason + ": " + message);
        }

        @Override
        public String place(long bytes) {
            return "here";
        }

        @Override
        public void unplace(KeyRecord record) {}
    }

    private final Key key;
    private final Layout layout;
    private final LossyPost post;
    private final List<Slice> slices;
    private final KeyConfig config;
    private Membership members;

    /** @param chance null for a road that loses nothing */
    SlicedKey(Key key, Layout layout, DenseTensor value, KeyConfig config, int workers, Random chance) {
        this.key = key;
        this.layout = layout;
        this.config = config;
        this.members = new Membership(
                1,
                workers,
                IntStream.range(0, workers)
                        .mapToObj(rank -> new Member("" + rank, rank + 1, rank))
                        .toList(),
                Set.of());
        this.post = new LossyPost(chance, (to, mail) -> {
            Slice slice = slice(to.slice());
            slice.sliced.on(mail, slice.state.record());
        });
        this.slices = IntStream.range(0, layout.slices())
                .mapToObj(i -> new Slice(new Part(key, i)))
                .toList();
        slices.forEach(slice -> create(slice, value));
    }

    private void create(Slice slice, DenseTensor value) {
        DenseTensor own = (DenseTensor) sliceOf(value, slice.part.slice());
        RowSet rows = layout.rowSparse() ? RowSet.of(own.shape(), new long[0]) : null;
        if (rows != null) {
            rows.addAll();
        }
        KeyRecord record = new KeyRecord(slice.part, layout, 1, slice.pool.copyOf(own), rows, "here", KeyConfig.ASSIGN);
        record.seats = members.members().stream()
                .map(member -> new Seat(member.worker(), member.incarnation(), member.rank(), 1))
                .toList();
        slice.records.add(record);
    }

    private Slice slice(int i) {
        return slices.get(i);
    }

    /** The part's own share of a whole tensor. */
    Tensor sliceOf(Tensor whole, int slice) {
        int from = Math.toIntExact(layout.from(slice));
        if (whole instanceof DenseTensor dense) {
            DenseTensor own = DenseTensor.zeros(dense.dtype(), layout.shapeOf(slice));
            dense.read(from, own.data(), 0, own.length());
            return own;
        }
        RowSparseTensor rows = (RowSparseTensor) whole;
        int length = (int) layout.shape().rowLength();
        long first = from / length;
        long[] ids = Arrays.stream(rows.idsInPlace())
                .filter(id -> id >= first && id < first + layout.shapeOf(slice).extent(0))
                .toArray();
        DenseTensor all = rows.toDense();
        return RowSparseTensor.of(
                layout.shapeOf(slice),
                Arrays.stream(ids).map(id -> id - first).toArray(),
                RowSparseTensor.gather(all, ids).rows());
    }

    /** A worker's push arrives at one slice. */
    void push(int slice, int worker, long seq, Tensor whole) {
        slice(slice).state.push(List.of(sliceOf(whole, slice)), origin(worker, seq), false, worker + "/" + seq);
    }

    /** A worker's incarnation was closed. */
    void lose(int worker) {
        members = new Membership(
                members.epoch() + 1,
                members.lastIncarnation(),
                members.members().stream()
                        .filter(member -> member.rank() != worker)
                        .toList(),
                Set.of());
        slices.forEach(slice -> slice.ofCluster.membership(members));
    }

    /** Another worker has registered. */
    void add(int worker) {
        List<Member> all = new ArrayList<>(members.members());
        all.add(new Member("" + worker, worker + 1, worker));
        members = new Membership(members.epoch() + 1, worker + 1, all, Set.of());
        slices.forEach(slice -> slice.ofCluster.membership(members));
    }

    /** A worker asks one slice about its rounds. */
    void ask(int slice, PartCommand about) {
        slice(slice).ofCluster.on(about, about.getClass().getSimpleName());
    }

    Origin origin(int worker, long seq) {
        return new Origin("" + worker, worker + 1, 1, seq, config.version());
    }

    void restart(int slice) {
        slice(slice).restart();
    }

    /** A slice is gone with its server. */
    void loseSlice(int i) {
        Slice slice = slice(i);
        slice.records.remove(slice.state.record());
        slice.restart();
    }

    LossyPost post() {
        return post;
    }

    /** Half a second passes. */
    void timePasses() {
        slices.forEach(slice -> slice.sliced.again());
    }

    /** Everything said is heard, whatever the road loses at first. */
    void settle() {
        for (int i = 0; i < 1000; i++) {
            post.deliverAll();
            if (slices.stream().noneMatch(slice -> slice.sliced.isPending())) {
                return;
            }
            timePasses();
        }
        throw new AssertionError("slices still wait after 1000 repeats");
    }

    long version(int slice) {
        return slice(slice).state.record().version;
    }

    /** What one slice has answered since the last time. */
    List<String> replies(int slice) {
        List<String> replies = List.copyOf(slice(slice).replies);
        slice(slice).replies.clear();
        return replies;
    }

    /** The value as a whole. */
    DenseTensor value() {
        DenseTensor whole = DenseTensor.zeros(layout.dtype(), layout.shape());
        for (Slice slice : slices) {
            DenseTensor own = slice.state.record().value;
            own.read(0, whole.data(), Math.toIntExact(layout.from(slice.part.slice())), own.length());
        }
        return whole;
    }

    /** Bytes that the slices hold, of their pools, beyond values and states. */
    long bytesBeyondRecords() {
        long bytes = 0;
        for (Slice slice : slices) {
            KeyRecord record = slice.state.record();
            bytes += slice.pool.liveBytes() - record.value.bytes();
            bytes -= record.states.stream().mapToLong(DenseTensor::bytes).sum();
        }
        return bytes;
    }

    @Override
    public String toString() {
        return key + " in " + layout;
    }
}
