package io.kvstore.cuda.sim;

import io.kvstore.cuda.GpuEvent;

/** An event of a simulated GPU. */
final class SimulatedEvent implements GpuEvent {
    private final SimulatedGpu gpu;
    private volatile EventRecord record;
    private volatile boolean closed;

    SimulatedEvent(SimulatedGpu gpu) {
        this.gpu = gpu;
    }

    void recorded(EventRecord next) {
        record = next;
    }

    /** The latest recording, or null. */
    EventRecord record() {
        if (closed) {
            gpu.driver().fault("an event is used after it was closed");
        }
        return record;
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    public boolean isDone() {
        gpu.checkAlive("work");
        EventRecord latest = record();
        if (latest == null) {
            return true;
        }
        if (!latest.isDone()) {
            return false;
        }
        gpu.driver().seen(latest.clock());
        return true;
    }

    @Override
    public void close() {
        if (closed) {
            gpu.driver().fault("an event is closed twice");
        }
        closed = true;
        gpu.closed(this);
    }
}
