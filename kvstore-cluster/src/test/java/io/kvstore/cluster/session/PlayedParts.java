package io.kvstore.cluster.session;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.Layout;
import io.kvstore.actor.Part;
import io.kvstore.tensor.BufferPool;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** A session of worker 'anna', of the lowest rank, whose parts are played by the test: slice n lives on server-n. */
abstract class PlayedParts implements Outside<String> {
    record Sent(long id, Part part, KeyCommand command) {}

    interface Reply {
        KeyReply to(long id);
    }

    final List<Sent> sent = new ArrayList<>();
    final Map<Long, KeyReply> answers = new TreeMap<>();
    final Map<Long, KVStoreException> failures = new TreeMap<>();
    final BufferPool pool = new BufferPool(1 << 20);
    final SessionCore<String> core = new SessionCore<>(this, pool, Timing.of(TimeUnit.SECONDS.toNanos(10)), true);
    private long ids;

    PlayedParts() {
        core.tick(0);
        core.registered(new Self("anna", 1, 1, true));
    }

    /** Answers the requests of that kind which a part has not been answered yet; says how many they were. */
    final int reply(Class<? extends KeyCommand> kind, Key key, int slice, Reply reply) {
        List<Sent> asked = sent.stream()
                .filter(each -> kind.isInstance(each.command) && each.part.equals(new Part(key, slice)))
                .toList();
        sent.removeAll(asked);
        asked.forEach(each -> core.incoming().onReply(each.id, reply.to(each.id)));
        return asked.size();
    }

    final int done(Class<? extends KeyCommand> kind, Key key, int slice) {
        return reply(kind, key, slice, id -> new KeyReply.Done(key, id, 0));
    }

    final <T extends KeyCommand> List<T> commands(Class<T> kind) {
        return sent.stream()
                .map(Sent::command)
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
    }

    @Override
    public long nextId() {
        return ++ids;
    }

    @Override
    public void send(String server, long id, Part part, int priority, KeyCommand command) {
        sent.add(new Sent(id, part, command));
    }

    @Override
    public void locate(Part part) {
        core.incoming().located(part, "server-" + part.slice());
    }

    @Override
    public void answer(long call, KeyReply reply) {
        answers.put(call, reply);
    }

    @Override
    public void fail(long call, KVStoreException failure) {
        failures.put(call, failure);
    }

    @Override
    public void known(Key key, Layout layout, long generation, long version) {}

    @Override
    public void initialised(Key key) {}

    @Override
    public void doubted(Key key) {}

    @Override
    public void unknown(Key key) {}

    @Override
    public void fenced(long incarnation) {}
}
