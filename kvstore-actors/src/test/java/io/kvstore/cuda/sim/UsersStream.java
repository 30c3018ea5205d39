package io.kvstore.cuda.sim;

import io.kvstore.cuda.Arguments;
import io.kvstore.cuda.Gpu;
import io.kvstore.cuda.GpuEvent;
import io.kvstore.cuda.GpuStream;
import io.kvstore.cuda.PinnedMemory;

/** A stream that belongs to a user: whoever closes this leaves it open. */
record UsersStream(SimulatedStream stream) implements GpuStream {
    @Override
    public void upload(long to, PinnedMemory from, int offset, int bytes) {
        stream.upload(to, from, offset, bytes);
    }

    @Override
    public void download(PinnedMemory to, int offset, long from, int bytes) {
        stream.download(to, offset, from, bytes);
    }

    @Override
    public void copy(long to, long from, long bytes) {
        stream.copy(to, from, bytes);
    }

    @Override
    public void copyFrom(Gpu other, long to, long from, long bytes) {
        stream.copyFrom(other, to, from, bytes);
    }

    @Override
    public void fill(long to, byte value, long bytes) {
        stream.fill(to, value, bytes);
    }

    @Override
    public void launch(String kernel, int blocks, int threads, Arguments arguments) {
        stream.launch(kernel, blocks, threads, arguments);
    }

    @Override
    public void record(GpuEvent event) {
        stream.record(event);
    }

    @Override
    public void await(GpuEvent event) {
        stream.await(event);
    }

    @Override
    public void close() {}
}
