package io.kvstore.cluster.link;

import io.kvstore.KVStoreException;
import io.kvstore.KVStoreTimeoutException;
import io.kvstore.Reason;
import io.kvstore.cluster.link.LinkMessage.Hello;
import io.kvstore.cluster.link.LinkMessage.Unwelcome;
import io.kvstore.cluster.link.LinkMessage.Welcome;
import io.kvstore.session.Times;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The hellos of one node that wait for an answer; each is said again until there is one, or its time is over. */
final class Greetings {
    private static final long REPEAT = TimeUnit.MILLISECONDS.toNanos(500);

    private static final class Waiting {
        final NodeId at;
        final String settings;
        final Duration limit;
        final CompletableFuture<Welcome> answer;
        final long since;
        long saidAt;
        String refusal = "";

        Waiting(NodeId at, String settings, Duration limit, CompletableFuture<Welcome> answer, long now) {
            this.at = at;
            this.settings = settings;
            this.limit = limit;
            this.answer = answer;
            this.since = now;
        }
    }

    private final NodeId self;
    private final Link link;
    private final List<Waiting> waiting = new ArrayList<>();

    Greetings(NodeId self, Link link) {
        this.self = self;
        this.link = link;
    }

    void hello(NodeId at, String settings, Duration limit, CompletableFuture<Welcome> answer, long now) {
        Waiting hello = new Waiting(at.anyLife(), settings, limit, answer, now);
        waiting.add(hello);
        say(hello, now);
    }

    private void say(Waiting hello, long now) {
        hello.saidAt = now;
        link.send(new Hello(self, hello.at, LinkCodec.VERSION, hello.settings));
    }

    void welcome(Welcome welcome) {
        for (Waiting hello : remove(welcome.from())) {
            hello.answer.complete(welcome);
        }
    }

    void unwelcome(Unwelcome unwelcome) {
        String why = unwelcome.from() + " refuses: " + unwelcome.message();
        if (unwelcome.reason() == Reason.BUSY) {
            waiting.stream()
                    .filter(hello -> hello.at.equals(unwelcome.from().anyLife()))
                    .forEach(hello -> hello.refusal = "; " + why);
            return;
        }
        for (Waiting hello : remove(unwelcome.from())) {
            hello.answer.completeExceptionally(new KVStoreException(unwelcome.reason(), why));
        }
    }

    private List<Waiting> remove(NodeId from) {
        List<Waiting> answered = waiting.stream()
                .filter(hello -> hello.at.equals(from.anyLife()))
                .toList();
        waiting.removeAll(answered);
        return answered;
    }

    void tick(long now) {
        Iterator<Waiting> all = waiting.iterator();
        while (all.hasNext()) {
            Waiting hello = all.next();
            if (hello.answer.isDone()) {
                all.remove();
            } else if (now - hello.since >= hello.limit.toNanos()) {
                all.remove();
                hello.answer.completeExceptionally(timeout(hello));
            } else if (now - hello.saidAt >= REPEAT) {
                say(hello, now);
            }
        }
    }

    private static KVStoreException timeout(Waiting hello) {
        return new KVStoreTimeoutException(
                null,
                "no welcome from " + hello.at.address() + " within " + Times.text(hello.limit)
                        + (hello.refusal.isEmpty()
                                ? ": is a server of the same version running there, is the actor system's name right,"
                                        + " and do both use TLS, or neither?"
                                : hello.refusal));
    }

    /** Ends all waiting. */
    void close() {
        waiting.forEach(hello -> hello.answer.completeExceptionally(
                new KVStoreException(Reason.CLOSED, "the actor system " + self + " ends")));
        waiting.clear();
    }
}
