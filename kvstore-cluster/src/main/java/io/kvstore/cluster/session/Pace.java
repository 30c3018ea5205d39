package io.kvstore.cluster.session;

import java.util.concurrent.TimeUnit;

/** The clock of a session's requests: says when one has waited so long that something is to be done about it. */
final class Pace {
    private static final long NEVER = Long.MAX_VALUE;

    private final Timing timing;
    private long now;
    /** How long the request took that was answered last. */
    private long latency;

    Pace(Timing timing) {
        this.timing = timing;
    }

    /** @param time in nanoseconds, from any origin; does not go back */
    void tick(long time) {
        now = time;
    }

    long now() {
        return now;
    }

    /** Somebody answers for the part: the time counts from here after which nobody does. */
    void reached(PartRequest<?> request) {
        request.unreachableSince = now;
    }

    /** It is about to be sent, or its part's home to be looked for; next time after twice as long. */
    void attempt(PartRequest<?> request) {
        request.dueAt = now + timing.ask(request.attempts++);
    }

    void sent(PartRequest<?> request) {
        request.sentAt = now;
    }

    void answered(PartRequest<?> request) {
        latency = now - request.sentAt;
    }

    /** Its part works on it: it is asked about as seldom as any. */
    void held(PartRequest<?> request) {
        request.dueAt = now + timing.askAtMost();
    }

    /** Its part could not take it now; next time after twice as long. */
    void refused(PartRequest<?> request) {
        request.dueAt = now + timing.busy(request.refusals++);
    }

    /** It is left alone until it is sent again. */
    void pause(PartRequest<?> request) {
        request.dueAt = NEVER;
    }

    boolean isPaused(PartRequest<?> request) {
        return request.dueAt == NEVER;
    }

    /** One that is silent is not asked about while answers to others take half as long: it stands in the same long queue. */
    boolean isDue(PartRequest<?> request) {
        boolean isSilent = request.sentTo != null && !request.withData;
        return now >= request.dueAt && (!isSilent || now - request.sentAt >= Math.min(2 * latency, timing.askAtMost()));
    }

    /** Whether a silence since then means that the part's server is lost. */
    boolean isLost(long silentSince) {
        return now - silentSince >= timing.lostAfter();
    }

    long lostAfterMillis() {
        return TimeUnit.NANOSECONDS.toMillis(timing.lostAfter());
    }
}
