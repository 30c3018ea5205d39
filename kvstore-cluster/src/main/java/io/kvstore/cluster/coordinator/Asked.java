package io.kvstore.cluster.coordinator;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** A worker's request that has not been answered. */
final class Asked<T> {
    final CompletableFuture<T> answer = new CompletableFuture<>();
    final long call;
    final long since;
    /** Of a command, by server. */
    final Map<String, CommandOutcome> outcomes = new TreeMap<>();

    private final WorkerRequest.Ask ask;
    private final String label;
    private String explanation;
    private long sent;
    private boolean wasSent;

    /** @param label what is waited for, for people */
    Asked(long call, WorkerRequest.Ask ask, String label, long now) {
        this.call = call;
        this.ask = ask;
        this.label = label;
        this.since = now;
    }

    WorkerRequest.Ask ask() {
        return ask;
    }

    /** Whether it is to be sent, for the first time or again. */
    boolean isDue(long now, long resendAfter) {
        return !wasSent || now - sent >= resendAfter;
    }

    void sentAt(long now) {
        sent = now;
        wasSent = true;
    }

    /** To be sent at the next occasion. */
    void hurry() {
        wasSent = false;
    }

    void explain(String text) {
        explanation = text;
    }

    @Override
    public String toString() {
        return explanation == null ? label : label + ": " + explanation;
    }
}
