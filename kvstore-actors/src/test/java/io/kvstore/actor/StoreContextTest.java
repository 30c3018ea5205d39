package io.kvstore.actor;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import com.typesafe.config.ConfigFactory;
import io.kvstore.KVStoreSettings;
import io.kvstore.Key;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class StoreContextTest {
    private static final ActorTestKit KIT = ActorTestKit.create();
    private static final KeyReply REPLY = new KeyReply.Done(Key.of(1), 1, 0);

    private final StoreContext store = new StoreContext("local", KVStoreSettings.of(ConfigFactory.load()));
    private final TestProbe<KeyReply> session = KIT.createTestProbe();
    private final TestProbe<KeyReply> stranger = KIT.createTestProbe();
    private final List<KeyReply> taken = new ArrayList<>();

    @AfterAll
    static void endKit() {
        KIT.shutdownTestKit();
    }

    @Test
    void anAttachedSessionTakesItsRepliesAtOnceAndOthersGetMessages() {
        store.attach(session.ref(), taken::add);

        store.reply(session.ref(), REPLY);
        store.reply(stranger.ref(), REPLY);

        assertThat(taken).containsExactly(REPLY);
        assertThat(stranger.receiveMessage()).isSameAs(REPLY);
    }

    @Test
    void aDetachedSessionGetsMessagesAgain() {
        List<KeyReply> other = new ArrayList<>();
        store.attach(session.ref(), taken::add);
        store.attach(stranger.ref(), other::add);

        store.detach(session.ref());
        store.reply(session.ref(), REPLY);
        store.reply(stranger.ref(), REPLY);

        assertThat(taken).isEmpty();
        assertThat(session.receiveMessage()).isSameAs(REPLY);
        assertThat(other).containsExactly(REPLY);
    }
}
